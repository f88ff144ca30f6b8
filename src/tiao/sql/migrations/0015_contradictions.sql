-- What a bank said against what it had said before, when the first word was final: never lost, never acted on unasked.
create table bank_contradiction (
  bucket smallint not null,
  id uuid not null,
  subject text not null,
  subject_id uuid not null,
  channel text not null,
  stood text not null,
  told text not null,
  -- What the bank's later word carried: its own number and the amount of a success, the code of a failure.
  channel_no text,
  amount_minor bigint,
  currency char(3),
  code text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  times integer not null default 1,
  -- When the bank is asked which of its words holds; null when only people can say.
  query_after timestamptz,
  queries smallint not null default 0,
  resolution text,
  note text,
  actor text,
  resolved_at timestamptz,
  constraint bank_contradiction_pk primary key (bucket, id),
  constraint bank_contradiction_subject check (subject in ('debit', 'payout')),
  constraint bank_contradiction_states check (
    (stood = 'failed' and told = 'succeeded') or (stood = 'succeeded' and told = 'failed')),
  constraint bank_contradiction_resolution check (resolution in ('booked', 'upheld', 'settled')),
  constraint contradiction_already_resolved check ((resolution is null) = (resolved_at is null)),
  constraint bank_contradiction_settled_by_somebody check (resolution <> 'settled' or (actor is not null and note is not null))
);
create index bank_contradiction_open on bank_contradiction (first_seen_at) where resolution is null;
create index bank_contradiction_due on bank_contradiction (query_after) where query_after is not null;
