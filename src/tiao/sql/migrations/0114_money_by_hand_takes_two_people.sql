-- From an amount on, money put on a line by hand, taken back or let go is proposed by one person and agreed to by another.
create table money_proposal (
  bucket smallint not null,
  id uuid not null,
  line_id uuid not null,
  customer_id uuid not null,
  kind text not null,
  content text not null,
  -- The repayment that is to be taken back, if that is what is proposed.
  about_id uuid,
  currency char(3) not null,
  amount_minor bigint not null,
  reason text not null,
  state text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  note text,
  made_id uuid,
  constraint money_proposal_pk primary key (bucket, id),
  constraint money_proposal_kind check (kind in ('receipt', 'reversal', 'waiver')),
  constraint money_proposal_amount check (amount_minor > 0),
  constraint money_proposal_state check (state in ('open', 'agreed', 'rejected')),
  constraint money_proposal_is_decided check ((state = 'open') = (decided_by is null)
                                             and (decided_by is null) = (decided_at is null)),
  constraint money_proposal_is_made check ((state = 'agreed') = (made_id is not null)),
  constraint own_money_proposal check (state <> 'agreed' or decided_by <> proposed_by)
);
create unique index repayment_already_proposed on money_proposal (bucket, about_id) where state = 'open' and kind = 'reversal';
create index money_proposal_latest on money_proposal (proposed_at, id);
create index money_proposal_of_line on money_proposal (bucket, line_id);

-- What one person would award in a dispute about such an amount, until another says the same.
alter table dispute add column proposed_minor bigint;
alter table dispute add column proposed_by text;
alter table dispute add column proposed_at timestamptz;
alter table dispute add constraint dispute_is_proposed check ((proposed_minor is null) = (proposed_by is null)
                                                              and (proposed_by is null) = (proposed_at is null));
alter table dispute add constraint dispute_proposed_amount check (proposed_minor between 0 and amount_minor);
alter table dispute add constraint dispute_has_two_people check (state <> 'decided' or decided_by <> proposed_by);
