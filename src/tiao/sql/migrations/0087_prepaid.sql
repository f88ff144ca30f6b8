-- Money that customers paid before a service: kept from the merchant and released as the service is given.
insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (2018, 'merchant money prepaid', '商户预收待释放款', 'liability', 'merchant', false, true);

-- One row for each capture at a merchant whose scene is paid before; the terms are those of its day, for good.
create table prepaid_hold (
  bucket smallint not null,
  loan_id uuid not null,
  purchase_id uuid not null,
  merchant_id uuid not null,
  currency char(3) not null,
  held_minor bigint not null,
  left_minor bigint not null,
  steps smallint not null,
  step_days smallint not null,
  steps_done smallint not null,
  held_on date not null,
  next_on date not null,
  constraint prepaid_hold_pk primary key (bucket, loan_id),
  constraint prepaid_hold_amounts check (held_minor > 0 and left_minor between 0 and held_minor),
  constraint prepaid_hold_steps check (steps > 0 and step_days > 0 and steps_done between 0 and steps)
);
create index prepaid_hold_due on prepaid_hold (bucket, next_on) where left_minor > 0;
create index prepaid_hold_merchant on prepaid_hold (merchant_id, held_on) where left_minor > 0;
create index prepaid_hold_purchase on prepaid_hold (bucket, purchase_id);

-- A merchant that gives its service no more: what it has not given goes back to its customers.
create table merchant_failure (
  merchant_id uuid not null,
  failed_on date not null,
  proposed_by text not null,
  agreed_by text not null,
  constraint merchant_failure_pk primary key (merchant_id),
  constraint merchant_failure_has_two_people check (agreed_by <> proposed_by)
);
alter table merchant_proposal drop constraint merchant_proposal_kind;
alter table merchant_proposal add constraint merchant_proposal_kind check (
  kind in ('settlement_terms', 'income_share', 'adjustment', 'discount', 'reinstatement', 'suspension', 'termination',
           'failure'));

-- Which amounts a merchant asked about a customer on a day, so that nobody finds out a limit by asking.
create table prequalification (
  bucket smallint not null,
  customer_id uuid not null,
  merchant_id uuid not null,
  asked_on date not null,
  amount_minor bigint not null,
  constraint prequalification_pk primary key (bucket, customer_id, merchant_id, asked_on, amount_minor)
);
