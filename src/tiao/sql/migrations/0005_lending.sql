-- A loan is one captured purchase under one plan. Its instalments carry what is owed and what became of it.
create table loan (
  bucket smallint not null,
  id uuid not null,
  purchase_id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  plan_code text not null,
  mode text not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  subsidy_minor bigint not null,
  discount_minor bigint not null,
  -- Overdue penalty agreed in the contract, in millionths of the overdue principal a day.
  penalty_ppm integer not null,
  taken_on date not null,
  -- Days-past-due stage: 0 current, 1 for 1-30 days, 2 for 31-60 and so on up to 7 for more than 180.
  stage smallint not null default 0,
  status text not null default 'active',
  settled_on date,
  constraint loan_pk primary key (bucket, id),
  constraint loan_amounts check (principal_minor > 0 and fee_minor >= 0 and subsidy_minor >= 0 and discount_minor >= 0),
  constraint loan_status check (status in ('active', 'settled', 'written_off')),
  constraint loan_mode check (mode in ('statement', 'order'))
) with (fillfactor = 80);
create index loan_purchase on loan (bucket, purchase_id);
create index loan_line on loan (bucket, line_id);

create table loan_instalment (
  bucket smallint not null,
  loan_id uuid not null,
  number smallint not null,
  line_id uuid not null,
  statement_on date not null,
  due_on date not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  subsidy_minor bigint not null,
  penalty_ppm integer not null,
  principal_paid_minor bigint not null default 0,
  principal_refunded_minor bigint not null default 0,
  principal_written_off_minor bigint not null default 0,
  fee_paid_minor bigint not null default 0,
  fee_cancelled_minor bigint not null default 0,
  fee_written_off_minor bigint not null default 0,
  subsidy_cancelled_minor bigint not null default 0,
  penalty_minor bigint not null default 0,
  penalty_paid_minor bigint not null default 0,
  penalty_waived_minor bigint not null default 0,
  -- Exact penalty in millionths of a minor unit; penalty_minor is its whole part, booked so far.
  penalty_micros bigint not null default 0,
  penalty_through date,
  is_billed boolean not null default false,
  settled_on date,
  constraint loan_instalment_pk primary key (bucket, loan_id, number),
  constraint instalment_principal_overpaid check (
    principal_paid_minor + principal_refunded_minor + principal_written_off_minor between 0 and principal_minor),
  constraint instalment_fee_overpaid check (
    fee_paid_minor + fee_cancelled_minor + fee_written_off_minor between 0 and fee_minor),
  constraint instalment_penalty_overpaid check (penalty_paid_minor + penalty_waived_minor between 0 and penalty_minor),
  constraint instalment_subsidy_overdrawn check (subsidy_cancelled_minor between 0 and subsidy_minor)
) with (fillfactor = 70);
create index loan_instalment_open_line on loan_instalment (bucket, line_id) where settled_on is null;
create index loan_instalment_open_statement on loan_instalment (bucket, statement_on) where not is_billed;
create index loan_instalment_open_due on loan_instalment (bucket, due_on) where settled_on is null;

create table loan_stage_change (
  bucket smallint not null,
  loan_id uuid not null,
  changed_on date not null,
  stage_before smallint not null,
  stage_after smallint not null,
  constraint loan_stage_change_pk primary key (bucket, loan_id, changed_on)
);

create table bill (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  statement_on date not null,
  due_on date not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  -- What earlier bills still owed when this one was cut, penalties included.
  carried_minor bigint not null,
  settled_on date,
  constraint bill_pk primary key (bucket, id),
  constraint bill_cut_once unique (bucket, line_id, statement_on)
) with (fillfactor = 80);
create index bill_due on bill (bucket, due_on) where settled_on is null;

create table repayment (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  kind text not null,
  -- The debit that brought the money, or nothing when a credit balance or a refund was used.
  debit_id uuid,
  funding_source_id uuid,
  currency char(3) not null,
  amount_minor bigint not null,
  overpaid_minor bigint not null,
  returned_minor bigint not null default 0,
  effective_on date not null,
  recorded_at timestamptz not null,
  constraint repayment_pk primary key (bucket, id),
  constraint repayment_amount check (amount_minor > 0 and overpaid_minor between 0 and amount_minor),
  constraint repayment_returned_once check (returned_minor between 0 and amount_minor),
  constraint repayment_kind check (kind in ('debit', 'credit_balance', 'refund', 'recovery'))
);
create unique index repayment_debit_once on repayment (bucket, debit_id) where debit_id is not null;
create index repayment_line on repayment (bucket, line_id, recorded_at);

create table repayment_part (
  bucket smallint not null,
  repayment_id uuid not null,
  loan_id uuid not null,
  number smallint not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  penalty_minor bigint not null,
  constraint repayment_part_pk primary key (bucket, repayment_id, loan_id, number)
);
create index repayment_part_loan on repayment_part (bucket, loan_id);

create table refund (
  bucket smallint not null,
  id uuid not null,
  purchase_id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  offset_principal_minor bigint not null,
  returned_minor bigint not null,
  fee_cancelled_minor bigint not null,
  subsidy_cancelled_minor bigint not null,
  reference text not null,
  effective_on date not null,
  recorded_at timestamptz not null,
  constraint refund_pk primary key (bucket, id),
  constraint refund_amount check (amount_minor > 0 and offset_principal_minor + returned_minor = amount_minor)
);
create index refund_purchase on refund (bucket, purchase_id);

create table refund_part (
  bucket smallint not null,
  refund_id uuid not null,
  loan_id uuid not null,
  number smallint not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  subsidy_minor bigint not null,
  constraint refund_part_pk primary key (bucket, refund_id, loan_id, number)
);

create table loan_write_off (
  bucket smallint not null,
  id uuid not null,
  loan_id uuid not null,
  principal_minor bigint not null,
  fee_minor bigint not null,
  penalty_minor bigint not null,
  actor text not null,
  effective_on date not null,
  recorded_at timestamptz not null,
  constraint loan_write_off_pk primary key (bucket, id),
  constraint loan_already_written_off unique (bucket, loan_id)
);
