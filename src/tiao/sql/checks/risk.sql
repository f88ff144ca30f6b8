-- Decisions of risk control and what hangs together. Each query must return no row; what it returns is what is wrong.

-- name: risk_decisions_are_obeyed
-- What risk control decided became of its purchase: declined, suspended until somebody decided, or let pass.
select d.bucket, d.purchase_id, d.outcome, p.outcome as became from risk_decision d
  left join purchase p on p.bucket = d.bucket and p.id = d.purchase_id
 where (p.customer_id, p.merchant_id, p.amount_minor) is distinct from (d.customer_id, d.merchant_id, d.amount_minor)
    or case d.outcome when 'decline' then p.outcome <> 'declined'
                      when 'review' then p.outcome = 'step_up' or (p.outcome = 'authorised' and p.decided_at is null)
                      when 'step_up' then p.outcome = 'in_review' or (p.outcome = 'authorised' and p.decided_at is null)
                      else p.outcome in ('step_up', 'in_review') or p.decided_at is not null end
union all
select o.bucket, o.purchase_id, o.source, null from risk_outcome o
  left join risk_decision d on d.bucket = o.bucket and d.purchase_id = o.purchase_id
 where d.purchase_id is null or o.fold_number <= d.fold_number;

-- name: risk_records_are_what_they_say
-- A decision's inputs have the digest that is kept beside them, and what it was made by is kept.
select d.bucket, d.purchase_id, d.versions from risk_decision d
  left join risk_versions v on v.digest = d.versions
 where d.sha256 <> sha256(d.inputs) or v.digest is null;

-- name: components_are_their_members
-- What a component says of itself is what its members are; who hangs together with nobody needs none.
select coalesce(c.id, m.component_id) as id, c.size, m.size as members
  from risk_component c
  full join (select component_id, count(*) as size, count(bad_at) as bads from risk_member group by component_id) m
    on m.component_id = c.id
 where (c.size is distinct from m.size or c.bads is distinct from m.bads) and not (c.id is null and m.size = 1);

-- name: who_shares_a_card_hangs_together
-- Two customers whom the graph has seen with the same card or device are in one component, unless too many share it.
select s.entity, s.digest, count(distinct m.component_id) as components
  from risk_sighting s join risk_member m on m.bucket = s.bucket and m.customer_id = s.customer_id
 where s.linked_at is not null and s.entity in ('card', 'device')
 group by s.entity, s.digest having count(distinct m.component_id) > 1 and count(*) <= 10;
