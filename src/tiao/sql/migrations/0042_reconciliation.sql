-- Money whose other side nobody knows yet (挂账), what channels take for their work, and what differences cost in the end.
insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (1021, 'suspense, money the bank has not', '待处理短款', 'asset', 'house', false, true),
  (2007, 'suspense, money nobody asked for', '待处理长款', 'liability', 'house', false, true),
  (5003, 'channel fees', '支付渠道手续费', 'expense', 'house', false, true),
  (5004, 'settlement differences', '清算差错损益', 'expense', 'house', false, true);

create index debit_created on debit using brin (created_at);
create index payout_answered on payout using brin (answered_at);

-- The file of a channel for one of its days, and the bank's statement beside it: what they said in sum, and when.
create table channel_day (
  channel text not null,
  business_date date not null,
  state text not null,
  file_digest text,
  statement_digest text,
  rows integer not null default 0,
  matched integer not null default 0,
  different integer not null default 0,
  debited_minor bigint not null default 0,
  paid_out_minor bigint not null default 0,
  channel_fee_minor bigint not null default 0,
  statement_minor bigint,
  expected_at timestamptz not null,
  reconciled_at timestamptz,
  constraint channel_day_pk primary key (channel, business_date),
  constraint channel_day_state check (state in ('waiting', 'reconciled'))
);

-- A difference between our books, a channel's file and the bank's statement: a ticket that ages until two people end it,
-- or until a later file explains it.
create table channel_difference (
  bucket smallint not null,
  id uuid not null,
  channel text not null,
  business_date date not null,
  kind text not null,
  flow text not null,
  request_no text,
  subject_id uuid,
  channel_no text,
  ours_minor bigint,
  theirs_minor bigint,
  state text not null,
  resolution text,
  -- The day whose file brought the other side.
  explained_on date,
  proposed text,
  note text,
  maker text,
  checker text,
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  constraint channel_difference_pk primary key (bucket, id),
  constraint channel_difference_kind check (
    kind in ('long', 'short', 'doubtful', 'cut_off', 'amount', 'status', 'fee', 'duplicate', 'statement')),
  constraint channel_difference_flow check (flow in ('debit', 'payout', 'day')),
  constraint channel_difference_state check (state in ('open', 'suspended', 'closed')),
  constraint channel_difference_closed check ((state = 'closed') = (resolution is not null)),
  constraint channel_difference_resolution check (
    resolution in ('matched_later', 'answered', 'corrected', 'accepted', 'written_off', 'taken_in')),
  constraint channel_difference_proposed check (
    proposed in ('suspend', 'correct', 'accept', 'write_off', 'take_in')),
  constraint maker_is_checker check (checker <> maker)
);
create index channel_difference_open on channel_difference (opened_at, id) where state <> 'closed';
create index channel_difference_subject on channel_difference (bucket, subject_id);
