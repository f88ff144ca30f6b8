-- What people decided about how channels are chosen: drained, taken back, closed for maintenance, by which policies.
-- A step is never changed: one proposes, the next of the same proposal, by another person, agrees.
create table routing_step (
  number integer not null,
  proposal integer not null,
  step text not null,
  content text not null,
  maker text not null,
  actor text not null,
  reason text not null,
  taken_at timestamptz not null,
  constraint routing_step_pk primary key (number),
  constraint routing_step_kind check (step in ('proposed', 'agreed', 'rejected')),
  constraint routing_step_proposes_first check ((step = 'proposed') = (number = proposal)),
  constraint routing_step_second_person check (step <> 'agreed' or maker <> actor)
);
create unique index routing_step_decided_once on routing_step (proposal) where step <> 'proposed';
