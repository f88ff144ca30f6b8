-- A purchase captured at once gives its id to its loan; an index is kept for the loans that have another.
drop index loan_purchase;
create index loan_purchase on loan (bucket, purchase_id) where purchase_id <> id;

-- What a line owes, the oldest first: whether it is overdue is one look at the first entry.
drop index loan_instalment_open_line;
create index loan_instalment_open_line on loan_instalment (bucket, line_id, due_on) where settled_on is null;

-- What a purchase says is its row: a repeated key is compared with it, and needs no digest. Of purchases from before,
-- whether they asked to be captured at once is not known.
alter table purchase drop column digest;
alter table purchase add column is_capture_asked boolean;

-- Being billed is no part of an index any more, so that billing an instalment changes no index at all.
drop index loan_instalment_open_statement;
create index loan_instalment_statement on loan_instalment (bucket, statement_on);
