-- What a person agreed to before a credit bureau was asked: the words of which version, in which language, said where. It is
-- written before the query goes out and keeps the id of the application that it is for, also when no decision follows.
create table bureau_consent (
  bucket smallint not null,
  application_id uuid not null,
  customer_id uuid not null,
  text_version date not null,
  language text not null,
  channel text not null,
  given_at timestamptz not null,
  constraint bureau_consent_pk primary key (bucket, application_id),
  constraint bureau_consent_language check (language in ('zh-CN', 'en')),
  constraint bureau_consent_channel check (channel in ('wallet', 'cashier', 'counter', 'paper'))
);
create index bureau_consent_customer on bureau_consent (bucket, customer_id, given_at);
