-- What was booked wrongly is corrected by living the line again: that posting names its cause, and no posting undoes another.
drop function if exists ledger_post(
  smallint[], uuid[], text[], uuid[], uuid[], date[], uuid[], text[], bigint[], integer[], integer[], uuid[], bigint[],
  date, timestamptz, boolean);
drop index posting_reversed_once;
alter table ledger_posting drop column reverses_id;
