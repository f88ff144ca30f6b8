-- What one person proposes about a merchant's money, and another agrees to or not.
create table merchant_proposal (
  id uuid not null,
  merchant_id uuid not null,
  kind text not null,
  content text not null,
  reason text not null,
  state text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  note text,
  constraint merchant_proposal_pk primary key (id),
  constraint merchant_proposal_kind check (
    kind in ('settlement_terms', 'income_share', 'adjustment', 'discount', 'reinstatement')),
  constraint merchant_proposal_state check (state in ('open', 'agreed', 'rejected')),
  constraint merchant_proposal_is_decided check ((state = 'open') = (decided_by is null)),
  constraint merchant_proposal_has_two_people check (state <> 'agreed' or decided_by <> proposed_by)
);
create index merchant_proposal_merchant on merchant_proposal (merchant_id, proposed_at);
create index merchant_proposal_open on merchant_proposal (proposed_at) where state = 'open';
