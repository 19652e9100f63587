//! Rules, tried one by one and in random order.
