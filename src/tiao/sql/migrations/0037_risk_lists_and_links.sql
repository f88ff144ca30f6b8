-- Lists: who and what is blocked, allowed, watched. Values are kept as keyed digests. Written at home, followed by others.
create sequence risk_list_change;

create table risk_list_entry (
  id uuid not null,
  list text not null,
  entity text not null,
  digest bytea not null,
  shown text not null,
  reason text not null,
  origin text not null,
  maker text not null,
  made_at timestamptz not null,
  approved_by text,
  -- From when it counts: at once, or for an allow list when a second person has agreed.
  approved_at timestamptz,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  change_no bigint not null,
  constraint risk_list_entry_pk primary key (id),
  constraint risk_list_entry_list check (list in ('block', 'allow', 'watch')),
  constraint risk_list_entry_entity check (entity in ('customer', 'device', 'card', 'ip', 'phone', 'address', 'merchant')),
  constraint risk_list_entry_origin check (origin in ('person', 'case', 'rule', 'import')),
  constraint list_maker_is_checker check (approved_by is null or approved_by <> maker),
  constraint risk_list_entry_allowed_by_two check (list <> 'allow' or (approved_at is null) = (approved_by is null)),
  constraint risk_list_entry_ends check (expires_at > made_at)
);
create unique index list_entry_exists on risk_list_entry (list, entity, digest) where ended_at is null;
create index risk_list_entry_value on risk_list_entry (entity, digest);
create index risk_list_entry_changed on risk_list_entry (change_no);

-- What a customer was seen with: a device, card, phone, address, network. linked_at is null until the graph took it in.
create table risk_sighting (
  bucket smallint not null,
  customer_id uuid not null,
  entity text not null,
  digest bytea not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times integer not null,
  linked_at timestamptz,
  constraint risk_sighting_pk primary key (bucket, customer_id, entity, digest),
  constraint risk_sighting_entity check (entity in ('device', 'card', 'ip', 'phone', 'address')),
  constraint risk_sighting_order check (first_at <= last_at and times > 0)
);
create index risk_sighting_value on risk_sighting (entity, digest);
create index risk_sighting_to_link on risk_sighting (first_at) where linked_at is null;

-- Which customers hang together by what they share, and how each component stands.
create table risk_member (
  bucket smallint not null,
  customer_id uuid not null,
  component_id uuid not null,
  joined_at timestamptz not null,
  -- Since when a fraud of this customer is known; null: none.
  bad_at timestamptz,
  constraint risk_member_pk primary key (bucket, customer_id)
);
create index risk_member_component on risk_member (component_id);

create table risk_component (
  id uuid not null,
  size integer not null,
  bads integer not null,
  oldest_at timestamptz not null,
  newest_at timestamptz not null,
  constraint risk_component_pk primary key (id),
  constraint risk_component_counts check (size > 0 and bads between 0 and size)
);
