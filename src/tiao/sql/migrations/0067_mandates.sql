-- What a customer agreed to when automatic payment was allowed: which text, up to how much, from when until when.
create table mandate (
  bucket smallint not null,
  id uuid not null,
  customer_id uuid not null,
  source_id uuid not null,
  text_version text not null,
  text_sha256 text not null,
  single_max_minor bigint,
  daily_max_minor bigint,
  agreed_at timestamptz not null,
  revoked_at timestamptz,
  constraint mandate_pk primary key (bucket, id),
  constraint mandate_limits check (single_max_minor > 0 and daily_max_minor > 0),
  constraint mandate_revoked check (revoked_at >= agreed_at)
);
create unique index mandate_in_force on mandate (bucket, source_id) where revoked_at is null;
create index mandate_of_customer on mandate (bucket, customer_id);
insert into mandate (bucket, id, customer_id, source_id, text_version, text_sha256, agreed_at)
select bucket, (md5('mandate/' || id::text)::uuid), customer_id, id, 'before', '', autopay_agreed_at
  from funding_source where autopay_agreed_at is not null;
