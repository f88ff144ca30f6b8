-- A loan becomes a loss when one person has proposed it and another has agreed.
create table write_off_proposal (
  bucket smallint not null,
  id uuid not null,
  loan_id uuid not null,
  reason text not null,
  state text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  note text,
  constraint write_off_proposal_pk primary key (bucket, id),
  constraint write_off_proposal_state check (state in ('open', 'agreed', 'rejected')),
  constraint write_off_proposal_is_decided check ((state = 'open') = (decided_by is null)),
  constraint write_off_proposal_has_two_people check (state <> 'agreed' or decided_by <> proposed_by)
);
create unique index write_off_already_proposed on write_off_proposal (bucket, loan_id) where state = 'open';
create index write_off_proposal_latest on write_off_proposal (proposed_at, id);

-- Losses from before say only who booked them.
alter table loan_write_off add column proposed_by text;
alter table loan_write_off add constraint loan_write_off_has_two_people check (proposed_by <> actor);
