//! The orders in which events may arrive, for tests of the rules.

/// Calls `check` with every permutation of some items.
pub fn for_each_order<T>(items: &mut [T], check: &mut impl FnMut(&[T])) {
    permute(items, 0, check);
}

fn permute<T>(items: &mut [T], fixed: usize, check: &mut impl FnMut(&[T])) {
    if fixed == items.len() {
        return check(items);
    }
    for next in fixed..items.len() {
        items.swap(fixed, next);
        permute(items, fixed + 1, check);
        items.swap(fixed, next);
    }
}
