-- Several servers share the buckets (docs/decisions/0011-buckets-on-several-servers.md). A database that holds them all
-- has no row here.
create table placement (
  id smallint not null default 1,
  -- Servers are numbered in the order of their first bucket; 0 is the home.
  shard smallint not null,
  map_digest text not null,
  buckets smallint[] not null,
  constraint placement_pk primary key (id),
  constraint placement_is_one check (id = 1)
);

-- Merchants and their keys, and operators' keys, are written at home and followed by the other servers. Versions are
-- given out in the order of commits, so who has followed up to one has missed none before it.
create sequence directory_version;
alter table merchant add column version bigint not null default nextval('directory_version');
alter table merchant alter column version drop default;
alter table api_key add column version bigint not null default nextval('directory_version');
alter table api_key alter column version set default 0;
create index merchant_version on merchant (version);
create index api_key_version on api_key (version) where role <> 'consumer';

create function directory_changed() returns trigger language plpgsql as $$
begin
  if exists (select from placement where shard <> 0) then
    if coalesce(new.version, 0) = 0 or (tg_op = 'UPDATE' and new.version <= old.version) then
      raise exception 'merchants and keys are changed at home: this server follows it';
    end if;
    return new;
  end if;
  perform pg_advisory_xact_lock(7102);
  new.version := nextval('directory_version');
  return new;
end $$;
create trigger merchant_changed before insert or update on merchant
  for each row execute function directory_changed();
create trigger api_key_changed before insert or update on api_key
  for each row when (new.role <> 'consumer') execute function directory_changed();

-- What one server owes a merchant for one business day, on its way to the settlement. On the server that booked it,
-- gathered_on is null; at home it names the settlement that paid it.
create table settlement_part (
  shard smallint not null,
  merchant_id uuid not null,
  business_date date not null,
  currency char(3) not null,
  gross_minor bigint not null,
  discount_minor bigint not null,
  subsidy_minor bigint not null,
  refunded_minor bigint not null,
  returned_minor bigint not null,
  net_minor bigint not null,
  gathered_on date,
  constraint settlement_part_pk primary key (shard, merchant_id, business_date, currency),
  constraint settlement_part_adds_up check (
    net_minor = gross_minor - discount_minor - subsidy_minor - refunded_minor + returned_minor)
);
create index settlement_part_day on settlement_part (business_date);
create index settlement_part_gathered on settlement_part (gathered_on, merchant_id) where gathered_on is not null;

insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (2006, 'between servers', '系统内往来', 'liability', 'house', false, true);
