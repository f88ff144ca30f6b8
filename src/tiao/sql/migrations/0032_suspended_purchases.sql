-- A purchase may be suspended: step_up waits for the customer's code, in_review for a person. Its hold is kept, nothing is
-- lent, and expires_at says until when. It ends authorised, declined, voided or expired.
-- When a suspended purchase was released or refused; null where it was decided at once or not yet.
alter table purchase add column decided_at timestamptz;
alter table purchase drop constraint purchase_outcome;
alter table purchase add constraint purchase_outcome check (outcome in ('authorised', 'declined', 'step_up', 'in_review'));
alter table purchase add constraint purchase_suspended check (
  outcome not in ('step_up', 'in_review') or (captured_minor = 0 and decided_at is null));

drop index quote_already_used;
create unique index quote_already_used on purchase (bucket, quote_id) where quote_id is not null and outcome <> 'declined';
drop index purchase_open_hold;
create index purchase_open_hold on purchase (bucket, expires_at) where outcome <> 'declined' and closed_as is null;

-- The code that lets a customer confirm a purchase: only its keyed hash is kept, attempts and codes are counted.
create table purchase_challenge (
  bucket smallint not null,
  purchase_id uuid not null,
  code_hash bytea not null,
  codes_sent smallint not null,
  attempts_left smallint not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  constraint purchase_challenge_pk primary key (bucket, purchase_id),
  constraint purchase_challenge_attempts check (attempts_left >= 0 and codes_sent > 0)
);
