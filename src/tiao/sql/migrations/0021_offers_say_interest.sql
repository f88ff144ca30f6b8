-- Offers of quotes made before say what newer ones do: no interest, the first version of their product.
update quote q
   set plans = convert_to(coalesce((
     select jsonb_agg(
              jsonb_build_object('interest_minor', 0, 'rate_annual', null, 'version', 1) || o.offer
              || jsonb_build_object('instalments', (
                   select jsonb_agg(jsonb_build_object('interest_minor', 0) || i.part order by i.place)
                     from jsonb_array_elements(o.offer -> 'instalments') with ordinality as i (part, place)))
              order by o.place)
       from jsonb_array_elements(convert_from(q.plans, 'utf8')::jsonb) with ordinality as o (offer, place)), '[]')::text,
     'utf8');
