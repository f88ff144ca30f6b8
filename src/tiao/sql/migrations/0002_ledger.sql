-- The chart of accounts is data. Amounts in entries are signed: debits positive, credits negative.
create table ledger_account (
  code integer not null,
  name text not null,
  name_zh text not null,
  class text not null,
  -- What owner_id in an entry names: the sub-ledger.
  owner text not null,
  -- Entries on such an account use up the credit line that their posting names.
  is_line_use boolean not null default false,
  -- The close keeps a running balance for each owner.
  is_balance_kept boolean not null default false,
  constraint ledger_account_pk primary key (code),
  constraint ledger_account_class check (class in ('asset', 'liability', 'equity', 'income', 'expense')),
  constraint ledger_account_owner check (owner in ('house', 'loan', 'line', 'merchant', 'customer'))
);

insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (1001, 'cash at bank', '银行存款', 'asset', 'house', false, true),
  (1011, 'consumer receivable, principal', '应收消费贷款本金', 'asset', 'loan', true, false),
  (1012, 'consumer receivable, fees', '应收分期手续费', 'asset', 'loan', false, false),
  (1013, 'consumer receivable, penalties', '应收违约金', 'asset', 'loan', false, false),
  (2001, 'merchant payable', '应付商户款', 'liability', 'merchant', false, true),
  (2002, 'merchant subsidy, unearned', '递延商户贴息', 'liability', 'loan', false, false),
  (2003, 'customer credit balance', '客户溢缴款', 'liability', 'line', false, true),
  (2004, 'refunds to pay out', '应付客户退款', 'liability', 'customer', false, true),
  (2005, 'payouts in transit', '在途付款', 'liability', 'house', false, true),
  (3001, 'owner funding', '实收资本', 'equity', 'house', false, true),
  (4001, 'merchant discount income', '商户服务费收入', 'income', 'house', false, true),
  (4002, 'instalment fee income', '分期手续费收入', 'income', 'house', false, true),
  (4003, 'merchant subsidy income', '商户贴息收入', 'income', 'house', false, true),
  (4004, 'penalty income', '违约金收入', 'income', 'house', false, true),
  (4005, 'recovery income', '核销收回收入', 'income', 'house', false, true),
  (5001, 'credit losses', '信用减值损失', 'expense', 'house', false, true);

-- A customer's credit line: the balances that carry a constraint, changed in place and only by the ledger.
create table credit_line (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  limit_minor bigint not null,
  -- A cut below what is in use takes effect as the use falls; limit_minor follows this down.
  limit_target_minor bigint not null,
  held_minor bigint not null default 0,
  used_minor bigint not null default 0,
  statement_day smallint not null,
  status text not null default 'active',
  opened_on date not null,
  constraint credit_line_pk primary key (bucket, id),
  constraint line_already_open unique (bucket, customer_id, currency),
  constraint credit_limit_exceeded check (used_minor + held_minor <= limit_minor),
  constraint credit_line_negative check (held_minor >= 0 and used_minor >= 0 and limit_target_minor >= 0),
  constraint credit_line_statement_day check (statement_day between 1 and 31),
  constraint credit_line_status check (status in ('active', 'frozen', 'closed'))
) with (fillfactor = 70);

create table ledger_posting (
  bucket smallint not null,
  id uuid not null,
  kind text not null,
  line_id uuid,
  source_id uuid not null,
  effective_on date not null,
  booked_on date not null,
  recorded_at timestamptz not null,
  reverses_id uuid,
  digest bytea not null,
  constraint ledger_posting_pk primary key (bucket, id)
);
create unique index posting_reversed_once on ledger_posting (bucket, reverses_id) where reverses_id is not null;
create index ledger_posting_booked on ledger_posting using brin (booked_on);
create index ledger_posting_source on ledger_posting (bucket, source_id);

create table ledger_entry (
  bucket smallint not null,
  posting_id uuid not null,
  number smallint not null,
  account integer not null,
  owner_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null,
  booked_on date not null,
  constraint ledger_entry_pk primary key (bucket, posting_id, number),
  constraint ledger_entry_moves_something check (amount_minor <> 0)
);
create index ledger_entry_booked on ledger_entry using brin (booked_on);

create function ledger_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: reverse a posting, never change it';
end $$;
create trigger ledger_posting_is_append_only before update or delete or truncate on ledger_posting
  for each statement execute function ledger_refuse_change();
create trigger ledger_entry_is_append_only before update or delete or truncate on ledger_entry
  for each statement execute function ledger_refuse_change();

-- What the close rolls up: the trial balance by day, and the running balance of owners that have one.
create table ledger_day_total (
  bucket smallint not null,
  booked_on date not null,
  account integer not null,
  currency char(3) not null,
  debit_minor bigint not null,
  credit_minor bigint not null,
  constraint ledger_day_total_pk primary key (bucket, booked_on, account, currency)
);
create table ledger_owner_balance (
  bucket smallint not null,
  account integer not null,
  owner_id uuid not null,
  currency char(3) not null,
  balance_minor bigint not null,
  constraint ledger_owner_balance_pk primary key (bucket, account, owner_id, currency)
) with (fillfactor = 70);
create index ledger_owner_balance_owner on ledger_owner_balance (owner_id, account);
