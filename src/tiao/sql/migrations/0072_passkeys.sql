-- Passkeys: keys on customers' devices. The server keeps the public half, and what the device had counted when last used.
create table passkey (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  rp_id text not null,
  credential_id bytea not null,
  public_key bytea not null,
  sign_count bigint not null,
  name text not null,
  is_synced boolean not null,
  added_at timestamptz not null,
  used_at timestamptz,
  ended_at timestamptz,
  ended_as text,
  constraint passkey_pk primary key (bucket, id),
  constraint passkey_counts check (sign_count between 0 and 4294967295),
  constraint passkey_ended_somehow check ((ended_at is null) = (ended_as is null)),
  constraint passkey_ended_as check (ended_as in ('removed', 'cloned'))
);
create unique index passkey_already_added on passkey (bucket, customer_id, credential_id) where ended_at is null;
create index passkey_of_customer on passkey (bucket, customer_id);

-- What a device was asked to sign, taken away by who signs it: the order and the amount are part of it.
create table passkey_challenge (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  purpose text not null,
  nonce bytea not null,
  about_id uuid,
  amount_minor bigint,
  currency text,
  expires_at timestamptz not null,
  constraint passkey_challenge_pk primary key (bucket, id),
  constraint passkey_challenge_purpose check (purpose in ('add', 'purchase', 'order')),
  constraint passkey_challenge_names_its_amount check (
    (purpose = 'add') = (about_id is null) and (about_id is null) = (amount_minor is null)
    and (about_id is null) = (currency is null)
  )
);
create index passkey_challenge_of_customer on passkey_challenge (bucket, customer_id);

-- Signing in by a passkey: what the device is asked to sign belongs to the visit, for nobody is known yet.
alter table payer_visit add column passkey_challenge bytea, add column passkey_until timestamptz;
