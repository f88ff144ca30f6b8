-- What a customer allowed to be read for what, and when that was taken back. A new consent is a new row.
create table consent (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  purpose text not null,
  given_at timestamptz not null,
  revoked_at timestamptz,
  constraint consent_pk primary key (bucket, id),
  constraint consent_purpose check (purpose in ('social_data', 'partner_data')),
  constraint consent_ends_after_it_began check (revoked_at >= given_at)
);
create unique index consent_in_force on consent (bucket, customer_id, purpose) where revoked_at is null;

-- What partners and social networks told of a customer, as it was told.
create table profile_signal (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  source text not null,
  name text not null,
  value bigint not null,
  observed_at timestamptz not null,
  received_at timestamptz not null,
  constraint profile_signal_pk primary key (bucket, id),
  constraint profile_signal_source check (source in ('social', 'partner')),
  constraint profile_signal_not_ahead check (observed_at <= received_at)
);
create index profile_signal_customer on profile_signal (bucket, customer_id, received_at);

-- Each customer's features under way: the state of every fold, and how far the facts were folded.
create table profile_state (
  bucket smallint not null,
  customer_id uuid not null,
  version text not null,
  state bytea not null,
  folded_at timestamptz not null,
  constraint profile_state_pk primary key (bucket, customer_id)
) with (fillfactor = 70);
