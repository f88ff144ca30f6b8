-- What is wrong with a channel's file of a day, and how often it was fetched: it is fetched again until it is right.
alter table channel_day add column fault text;
alter table channel_day add column fetches integer not null default 0;
