-- For the portal's list and chart, and for pruning: the primary key begins with the kind.
CREATE INDEX refusals_by_minute ON refusals (minute);
