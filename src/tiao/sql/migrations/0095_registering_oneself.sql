-- Who is new registers at the wallet: what was given waits, sealed, with the visit until the phone's code has come back.
alter table payer_visit add column registration_sealed bytea;

-- Texts that a customer agreed to, each by itself, in the version of a day.
create table agreement (
  bucket smallint not null,
  customer_id uuid not null,
  text text not null,
  version_on date not null,
  agreed_at timestamptz not null,
  constraint agreement_pk primary key (bucket, customer_id, text, version_on)
);
