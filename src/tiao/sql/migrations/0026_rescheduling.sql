-- A loan arranged anew without money or a new price: overdue principal over the rows left, or all that is open over new
-- rows. A loan of its own carries what was moved; how much that is follows from what was open on the day.
alter table loan drop constraint loan_kind;
alter table loan add constraint loan_kind check (
  kind in ('purchase', 'bill_plan', 'hardship_plan', 'revolving', 'rescheduled')
  and (kind = 'purchase') = (merchant_id is not null));
alter table loan drop constraint loan_amounts;
alter table loan add constraint loan_amounts check (
  (principal_minor > 0 or (kind in ('revolving', 'rescheduled') and principal_minor = 0))
  and fee_minor >= 0 and subsidy_minor >= 0 and discount_minor >= 0);

alter table loan_adjustment drop constraint loan_adjustment_kind;
alter table loan_adjustment add constraint loan_adjustment_kind check (
  kind in ('waiver', 'charge', 'penalty_pause', 'deferral', 'reversal', 'reamortisation', 'reage', 'reage_spread'));
