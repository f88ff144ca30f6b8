-- Money that settles a loan early (or, without a loan, the whole line): fees of terms not billed yet fall away.
alter table repayment add column is_payoff boolean not null default false;
alter table repayment add column for_loan_id uuid;
alter table repayment add constraint repayment_payoff_names_its_loan check (is_payoff or for_loan_id is null);

-- The fee of an instalment that fell away because this money settled it before its statement.
alter table repayment_part add column fee_cancelled_minor bigint not null default 0;

-- What a debit was asked for, written in the transaction that begins it: the bank's answer may come days later.
create table loan_payoff (
  bucket smallint not null,
  debit_id uuid not null,
  line_id uuid not null,
  -- Nothing when the whole line is settled.
  loan_id uuid,
  quoted_minor bigint not null,
  quoted_on date not null,
  constraint loan_payoff_pk primary key (bucket, debit_id),
  constraint loan_payoff_amount check (quoted_minor > 0)
);

-- A credit balance that went back to the customer.
create table credit_payout (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  funding_source_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  actor text not null,
  effective_on date not null,
  recorded_at timestamptz not null,
  recorded_no bigint not null default nextval('fact_order'),
  constraint credit_payout_pk primary key (bucket, id),
  constraint credit_payout_amount check (amount_minor > 0)
);
create index credit_payout_line on credit_payout (bucket, line_id);

-- Repayments are listed in the order in which they were recorded.
create index repayment_line_order on repayment (bucket, line_id, recorded_no);
