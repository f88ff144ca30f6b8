-- What a review asks of a line is its worst stage: found among the few loans that are late, without a look at the others.
drop index loan_staged;
create index loan_staged on loan (bucket, line_id) where stage > 0;
