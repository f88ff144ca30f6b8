-- Facts of one day are lived in the order in which they were recorded; instants may be equal, these numbers never are.
create sequence fact_order;
alter table loan add column recorded_no bigint not null default nextval('fact_order');
alter table repayment add column recorded_no bigint not null default nextval('fact_order');
alter table refund add column recorded_no bigint not null default nextval('fact_order');
alter table loan_write_off add column recorded_no bigint not null default nextval('fact_order');
alter table loan add column recorded_at timestamptz not null default '-infinity';
alter table loan alter column recorded_at drop default;
-- Debt that was refinanced (a bill into instalments, a hardship plan) is a loan of the same line without a merchant.
alter table loan alter column merchant_id drop not null;
alter table loan add column kind text not null default 'purchase';
alter table loan add constraint loan_kind check (kind in ('purchase', 'bill_plan', 'hardship_plan')
                                                 and (kind = 'purchase') = (merchant_id is not null));

-- What a refinancing pays off: what one statement asked for, or a whole loan. Its loan's purchase_id is the repayment.
alter table loan add column refinances_statement_on date;
alter table loan add column refinances_loan_id uuid;

-- Penalties added by hand, apart from those that build up day by day.
alter table loan_instalment add column penalty_charged_minor bigint not null default 0;
alter table loan_instalment add constraint instalment_penalty_is_its_parts
  check (penalty_minor = penalty_micros / 1000000 + penalty_charged_minor);

-- What of a refund could not come off its plan any more because it had been paid: it became a credit balance.
alter table refund add column shortfall_minor bigint not null default 0;

-- A repayment that was taken back: by the bank, or because it was booked by mistake.
alter table repayment add column reversed_on date;
alter table repayment drop constraint repayment_kind;
alter table repayment add constraint repayment_kind
  check (kind in ('debit', 'transfer', 'credit_balance', 'refund', 'goodwill', 'refinancing', 'recovery'));

-- What people decide about a running loan. Facts, never changed: one that was wrong is reversed by another.
create table loan_adjustment (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  loan_id uuid,
  number smallint,
  kind text not null,
  component text,
  amount_minor bigint not null default 0,
  from_on date,
  to_on date,
  -- The fact that this one undoes.
  undoes_id uuid,
  reason text not null,
  actor text not null,
  effective_on date not null,
  recorded_at timestamptz not null,
  recorded_no bigint not null default nextval('fact_order'),
  constraint loan_adjustment_pk primary key (bucket, id),
  constraint loan_adjustment_kind check (
    kind in ('waiver', 'charge', 'penalty_pause', 'deferral', 'reversal')),
  constraint loan_adjustment_component check (component in ('penalty', 'fee')),
  constraint loan_adjustment_days check (from_on is null or to_on is null or from_on <= to_on),
  constraint loan_adjustment_amount check (amount_minor >= 0)
);
create index loan_adjustment_line on loan_adjustment (bucket, line_id);
create index loan_adjustment_pause on loan_adjustment (line_id) where kind = 'penalty_pause';
create unique index fact_already_reversed on loan_adjustment (bucket, undoes_id) where undoes_id is not null;

insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (5002, 'goodwill given', '客户补偿支出', 'expense', 'house', false, true);

-- What of a waiver went to which instalment.
create table waiver_part (
  bucket smallint not null,
  adjustment_id uuid not null,
  loan_id uuid not null,
  number smallint not null,
  fee_minor bigint not null,
  penalty_minor bigint not null,
  constraint waiver_part_pk primary key (bucket, adjustment_id, loan_id, number)
);
