-- People. Names, identity numbers and phones are stored encrypted; what is looked up is a keyed digest.
-- The bucket of a customer comes from the digest of the identity number, so one person always falls into one bucket.
create table customer (
  bucket smallint not null,
  id uuid not null,
  identity_hmac bytea not null,
  name_sealed bytea not null,
  identity_sealed bytea not null,
  phone_sealed bytea not null,
  phone_tail char(4) not null,
  born_on date not null,
  registered_at timestamptz not null,
  constraint customer_pk primary key (bucket, id),
  constraint customer_already_registered unique (bucket, identity_hmac)
);

create table merchant (
  id uuid not null,
  name text not null,
  category text not null,
  currency char(3) not null,
  -- Share of the price the merchant pays for every sale (MDR), and whether it bears the instalment fee.
  discount_rate numeric(9, 6) not null,
  payout_account text not null,
  status text not null default 'active',
  joined_at timestamptz not null,
  constraint merchant_pk primary key (id),
  constraint merchant_discount_rate check (discount_rate >= 0 and discount_rate < 1),
  constraint merchant_status check (status in ('active', 'suspended'))
);

-- Only the digest of a key is kept.
create table api_key (
  id uuid not null,
  key_digest bytea not null,
  role text not null,
  subject_id uuid not null,
  scopes text[] not null,
  label text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint api_key_pk primary key (id),
  constraint api_key_digest_unique unique (key_digest),
  constraint api_key_role check (role in ('consumer', 'merchant', 'operator'))
);
create index api_key_subject on api_key (subject_id);
