-- A customer agreed to pay only the minimum of a statement. At the end of its due date the rest, if the minimum is paid,
-- becomes a loan of the same line that bears daily interest. Its repayment, named like it, pays what it replaces.
create table carry_agreement (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  -- The loan that carries the rest on.
  loan_id uuid not null,
  statement_on date not null,
  due_on date not null,
  next_statement_on date not null,
  next_due_on date not null,
  -- In millionths: of the principal that can revolve, of the balance a day, of the overdue principal a day.
  ratio_ppm integer not null,
  carry_ppm integer not null,
  penalty_ppm integer not null,
  reason text not null,
  actor text not null,
  agreed_on date not null,
  recorded_at timestamptz not null,
  recorded_no bigint not null default nextval('fact_order'),
  -- Whether the due date is over and the rest, or nothing, was carried.
  is_carried boolean not null default false,
  constraint carry_agreement_pk primary key (bucket, id),
  constraint carry_agreement_days check (statement_on <= due_on and due_on < next_statement_on and next_statement_on <= next_due_on),
  constraint carry_agreement_rates check (ratio_ppm between 0 and 1000000 and carry_ppm >= 0)
);
create index carry_agreement_line on carry_agreement (bucket, line_id);
create index carry_agreement_waiting on carry_agreement (bucket, due_on) where not is_carried;

alter table loan drop constraint loan_kind;
alter table loan add constraint loan_kind check (
  kind in ('purchase', 'bill_plan', 'hardship_plan', 'revolving') and (kind = 'purchase') = (merchant_id is not null));
-- Where the minimum turns out not to have been paid, nothing was carried.
alter table loan drop constraint loan_amounts;
alter table loan add constraint loan_amounts check (
  (principal_minor > 0 or (kind = 'revolving' and principal_minor = 0))
  and fee_minor >= 0 and subsidy_minor >= 0 and discount_minor >= 0);
alter table repayment drop constraint repayment_amount;
alter table repayment add constraint repayment_amount check (
  (amount_minor > 0 or (kind = 'refinancing' and amount_minor = 0)) and overpaid_minor between 0 and amount_minor);

-- Daily interest of a balance that was carried on: exact in millionths, its whole part in fee_minor.
alter table loan_instalment add column carry_ppm integer not null default 0;
alter table loan_instalment add column carry_micros bigint not null default 0;
alter table loan_instalment add column carry_through date;
create index loan_instalment_bears_interest on loan_instalment (bucket, line_id)
  where settled_on is null and carry_ppm > 0;
