-- How many codes were asked for within an hour, from an address (a keyed digest of it) and in all.
create table code_count (
  key bytea not null,
  window_began_at timestamptz not null,
  sent_count integer not null,
  constraint code_count_pk primary key (key),
  constraint code_count_is_counted check (sent_count > 0)
) with (fillfactor = 70);
create index code_count_over on code_count (window_began_at);
