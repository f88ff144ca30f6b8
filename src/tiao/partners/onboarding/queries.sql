-- name: insert_application
-- Write a new application.
insert into merchant_application (id, state, company, credit_code, trade_name, currency, scenes, websites, stores,
                                  private_sealed, opened_by, opened_at)
values (%(id)s, 'draft', %(company)s, %(credit_code)s, %(trade_name)s, %(currency)s, %(scenes)s::text[],
        %(websites)s::text[], %(stores)s::text[], %(private)s, %(opened_by)s, %(at)s::timestamptz);

-- name: lock_application
-- Read an application and keep it from changing.
select id, state, company, credit_code, trade_name, currency, scenes, websites, stores, private_sealed, opened_by,
       opened_at, submitted_at, proposed_by, proposed_at, decided_by, decided_at, grade, reasons
  from merchant_application where id = %(id)s::uuid for update;

-- name: application_of_merchant
-- Which application a merchant came from.
select application_id from merchant_admission where merchant_id = %(merchant)s::uuid;

-- name: applications
-- Applications, latest first, from a cursor on.
select id, state, company, credit_code, trade_name, currency, scenes, websites, stores, private_sealed, opened_by,
       opened_at, submitted_at, proposed_by, proposed_at, decided_by, decided_at, grade, reasons
  from merchant_application
 where (%(state)s::text is null or state = %(state)s)
   and (opened_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by opened_at desc, id desc limit %(limit)s::integer;

-- name: change_application
-- Write what a company says now.
update merchant_application
   set company = %(company)s, credit_code = %(credit_code)s, trade_name = %(trade_name)s, currency = %(currency)s,
       scenes = %(scenes)s::text[], websites = %(websites)s::text[], stores = %(stores)s::text[],
       private_sealed = %(private)s
 where id = %(id)s::uuid;

-- name: set_state
-- Write how far an application has come.
update merchant_application
   set state = %(state)s, submitted_at = %(submitted_at)s::timestamptz, proposed_by = %(proposed_by)s,
       proposed_at = %(proposed_at)s::timestamptz, decided_by = %(decided_by)s, decided_at = %(decided_at)s::timestamptz,
       grade = %(grade)s, reasons = %(reasons)s::text[]
 where id = %(id)s::uuid;

-- name: insert_step
-- Write what was done.
insert into merchant_application_step (application_id, number, kind, actor, said, at)
select %(application)s::uuid, coalesce(max(number), 0) + 1, %(kind)s, %(actor)s, %(said)s, %(at)s::timestamptz
  from merchant_application_step where application_id = %(application)s::uuid;

-- name: steps
-- What was done about an application, in order.
select number, kind, actor, said, at from merchant_application_step
 where application_id = %(application)s::uuid order by number;

-- name: insert_paper
-- Keep a document, sealed.
insert into merchant_paper (application_id, number, kind, name, media_type, size_bytes, digest, content_sealed, shown_by,
                            at)
values (%(application)s, %(number)s, %(kind)s, %(name)s, %(media_type)s, %(size)s, %(digest)s, %(sealed)s, %(shown_by)s,
        %(at)s::timestamptz);

-- name: papers
-- The documents of an application in their order, without their content.
select number, kind, name, media_type, size_bytes, digest, shown_by, at from merchant_paper
 where application_id = %(application)s::uuid order by number;

-- name: paper_content
-- One document's content, sealed.
select content_sealed from merchant_paper where application_id = %(application)s::uuid and number = %(number)s;

-- name: insert_view
-- Write that somebody looks at a document, and why.
insert into merchant_paper_view (application_id, number, viewer, reason, at)
values (%(application)s, %(number)s, %(viewer)s, %(reason)s, %(at)s::timestamptz);

-- name: views
-- Who looked at an application's documents, latest first.
select number, viewer, reason, at from merchant_paper_view
 where application_id = %(application)s::uuid order by at desc, number;

-- name: insert_check
-- Write that the register is about to be asked.
insert into merchant_check (id, application_id, state, asked_by, asked_at)
values (%(id)s, %(application)s, 'asked', %(actor)s, %(at)s::timestamptz);

-- name: answer_check
-- Write what the register said.
update merchant_check
   set state = %(state)s, answered_at = %(at)s::timestamptz, record = %(record)s, findings = %(findings)s::text[]
 where id = %(id)s::uuid;

-- name: checks
-- What the register was asked about a company, latest first.
select id, application_id, state, asked_by, asked_at, answered_at, record, findings from merchant_check
 where application_id = %(application)s::uuid order by asked_at desc, id desc;

-- name: insert_grade
-- Write a grade.
insert into merchant_grade (application_id, number, grade, points, reasons, rules_version, actor, at)
values (%(application)s, %(number)s, %(grade)s, %(points)s, %(reasons)s, %(version)s, %(actor)s, %(at)s::timestamptz);

-- name: grades
-- The grades of an application, latest first.
select number, grade, points, reasons, rules_version, actor, at from merchant_grade
 where application_id = %(application)s::uuid order by number desc;

-- name: insert_text
-- Write a contract's words, unless this version is there.
insert into contract_text (scene, version, title, body, digest, effective_on, proposed_by, proposed_at, agreed_by,
                           announced_at)
values (%(scene)s, %(version)s, %(title)s, %(body)s, %(digest)s, %(effective_on)s::date, %(proposed_by)s,
        %(proposed_at)s::timestamptz, %(agreed_by)s, %(announced_at)s::timestamptz)
on conflict on constraint contract_text_pk do nothing;

-- name: texts
-- The contracts of a scene, latest version first.
select scene, version, title, body, digest, effective_on, proposed_by, proposed_at, agreed_by, announced_at
  from contract_text where scene = %(scene)s order by version desc;

-- name: announce_text
-- Agree to a contract's words and announce them.
update contract_text set agreed_by = %(actor)s, announced_at = %(at)s::timestamptz
 where scene = %(scene)s and version = %(version)s;

-- name: insert_signature
-- Write that a company signed; signed once, it stays so.
insert into contract_signature (id, application_id, scene, version, digest, signatory_sealed, key_id, signed_at)
values (%(id)s, %(application)s, %(scene)s, %(version)s, %(digest)s, %(signatory)s, %(key)s, %(at)s::timestamptz)
on conflict on constraint contract_signed_once do nothing;

-- name: signatures
-- What a company signed, latest first.
select id, application_id, scene, version, digest, signatory_sealed, key_id, signed_at from contract_signature
 where application_id = %(application)s::uuid order by signed_at desc, id desc;

-- name: insert_admission
-- Write that an application became a merchant.
insert into merchant_admission (application_id, scene, merchant_id, discount_rate, grade, at)
values (%(application)s, %(scene)s, %(merchant)s, %(discount_rate)s, %(grade)s, %(at)s::timestamptz);

-- name: admissions
-- The merchants that an application became.
select application_id, scene, merchant_id, discount_rate, grade, at from merchant_admission
 where application_id = %(application)s::uuid order by scene;
