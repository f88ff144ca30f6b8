-- What is around a purchase: the latest of a ring are read by the look, and what lists name besides whom a purchase names.
create index risk_member_latest on risk_member (component_id, joined_at desc);
drop index risk_member_component;
create index risk_list_entry_personal on risk_list_entry (entity, digest)
  where ended_at is null and entity in ('phone', 'card', 'address');

-- What a capped rule may still stop on this server: a bucket that fills with the purchases decided, read and taken from
-- with the set that it stops some of. level is in millionths of a purchase.
create table risk_rule_allowance (
  rules text not null,
  code text not null,
  cap_ppm integer not null,
  level bigint not null,
  decided bigint not null,
  asked bigint not null,
  granted bigint not null,
  -- When it could last not stop what it would have.
  short_at timestamptz,
  constraint risk_rule_allowance_pk primary key (rules, code),
  constraint risk_rule_allowance_counts check (level >= 0 and granted between 0 and asked)
);
drop table risk_rule_trip;
