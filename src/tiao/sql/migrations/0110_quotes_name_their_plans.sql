-- What of a quote an order is made from, beside its offers: these are kilobytes with every instalment, and reading them for
-- each purchase cost more than writing it down once.
alter table quote add column fee_payer text not null default 'consumer',
                  add column plan_codes text[] not null default '{}';
update quote q
   set fee_payer = o.fee_payer, plan_codes = o.plan_codes
  from (select k.bucket, k.id, min(each.offer ->> 'fee_payer') as fee_payer,
               array_agg(each.offer ->> 'plan' order by each.number) as plan_codes
          from quote k,
               jsonb_array_elements(convert_from(k.plans, 'UTF8')::jsonb) with ordinality as each (offer, number)
         group by k.bucket, k.id) o
 where q.bucket = o.bucket and q.id = o.id;
alter table quote alter column fee_payer drop default, alter column plan_codes drop default;
