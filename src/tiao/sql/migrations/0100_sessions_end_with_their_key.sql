-- Which key a browser's session was opened with, so that it ends with that key.
create table key_session (
  session_id uuid not null,
  key_id uuid not null,
  constraint key_session_pk primary key (session_id)
);
create index key_session_key on key_session (key_id);
