-- What pay-later does for a shop: visitors under the shop's own opaque names, and what they did. At home: they are no customers.
create table experiment (
  id uuid not null,
  merchant_id uuid not null,
  name text not null,
  shown_ppm integer not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint experiment_pk primary key (id),
  constraint experiment_share check (shown_ppm between 10000 and 990000)
);
create index experiment_merchant on experiment (merchant_id, id);

create table experiment_observation (
  experiment_id uuid not null,
  subject text not null,
  orders integer not null,
  value_minor bigint not null,
  before_minor bigint not null,
  constraint experiment_observation_pk primary key (experiment_id, subject),
  constraint experiment_observation_of foreign key (experiment_id) references experiment (id),
  constraint experiment_observation_amounts check (orders >= 0 and value_minor >= 0 and before_minor >= 0)
);
