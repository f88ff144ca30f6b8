-- An operator's departures from the policy pack of this programme. Facts, never changed: what was proposed, and what was
-- decided about it. They hold from the day a decision names, which is never one that has begun.
create table policy_override (
  id uuid not null,
  rule text not null,
  applies_to text not null,
  kind text not null,
  -- The source of the row that is switched on, the option that is chosen, or the stricter number, as JSON.
  value text not null,
  reason text not null,
  -- Who proposed it: a person, and the key or command it came by.
  person text not null,
  actor text not null,
  from_on date not null,
  review_on date not null,
  expires_on date not null,
  proposed_on date not null,
  recorded_at timestamptz not null,
  recorded_no bigint generated always as identity,
  constraint policy_override_pk primary key (id),
  constraint policy_override_kind check (kind in ('switch', 'choice', 'tighter')),
  constraint policy_override_days check (proposed_on <= review_on and review_on <= expires_on and from_on < expires_on)
);

-- What became of a proposal: approved, by a second person unless it is only stricter; withdrawn. Each once.
create table policy_override_step (
  override_id uuid not null,
  step text not null,
  person text not null,
  actor text not null,
  reason text not null,
  -- The first day on which it holds, or on which it holds no more.
  counts_from_on date not null,
  decided_on date not null,
  recorded_at timestamptz not null,
  recorded_no bigint generated always as identity,
  constraint policy_override_decided primary key (override_id, step),
  constraint policy_override_step_of foreign key (override_id) references policy_override (id),
  constraint policy_override_step_kind check (step in ('approved', 'withdrawn'))
);
