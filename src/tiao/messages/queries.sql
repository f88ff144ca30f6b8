-- name: insert_messages
-- Write messages with the fact they tell of.
insert into message (bucket, id, recipient, recipient_id, kind, language, text, about_id, state, secret_sealed, made_at,
                     expires_at, due_at)
select m.bucket, m.id, m.recipient, m.recipient_id, m.kind, m.language, m.text, m.about_id, m.state, m.secret_sealed,
       %(at)s::timestamptz, m.expires_at, m.due_at
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(recipient)s::text[], %(recipient_id)s::uuid[], %(kind)s::text[],
              %(language)s::text[], %(text)s::text[], %(about_id)s::uuid[], %(state)s::text[], %(secret_sealed)s::bytea[],
              %(expires_at)s::timestamptz[], %(due_at)s::timestamptz[])
    as m (bucket, id, recipient, recipient_id, kind, language, text, about_id, state, secret_sealed, expires_at, due_at);

-- name: take_due
-- Take messages that are due, for as long as sending them may take: nobody else sends them meanwhile.
update message m set due_at = %(until)s::timestamptz, attempts = m.attempts + 1
  from (select bucket, id from message where due_at <= %(at)s::timestamptz order by due_at limit %(limit)s::integer
        for update skip locked) due
 where m.bucket = due.bucket and m.id = due.id
returning m.bucket, m.id, m.recipient, m.recipient_id, m.kind, m.language, m.text, m.about_id, m.state, m.secret_sealed,
          m.attempts, m.made_at, m.expires_at, m.due_at, m.sent_at, m.ended_at, m.gateway_no, m.code;

-- name: record_steps
-- Write what gateways answered, each on a message that is still queued; a secret stays only while it is needed.
update message m
   set state = s.state, due_at = s.due_at, attempts = s.attempts, gateway_no = s.gateway_no, code = s.code,
       secret_sealed = case when s.state = 'queued' then m.secret_sealed end,
       sent_at = case when s.state = 'sent' then %(at)s::timestamptz else m.sent_at end,
       ended_at = case when s.state = 'given_up' then %(at)s::timestamptz else m.ended_at end
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(state)s::text[], %(due_at)s::timestamptz[],
              %(attempts)s::integer[], %(gateway_no)s::text[], %(code)s::text[])
    as s (bucket, id, state, due_at, attempts, gateway_no, code)
 where m.bucket = s.bucket and m.id = s.id and m.state = 'queued';

-- name: record_receipt
-- Write what became of a message. It was taken, whether we heard so or not; the first receipt counts.
update message
   set state = %(state)s, gateway_no = %(gateway_no)s, code = %(code)s, ended_at = %(at)s::timestamptz,
       sent_at = coalesce(sent_at, %(at)s::timestamptz), due_at = null, secret_sealed = null
 where bucket = %(bucket)s and id = %(id)s and state in ('queued', 'sent', 'given_up');

-- name: messages_of
-- What was said to somebody, latest first.
select bucket, id, recipient, recipient_id, kind, language, text, about_id, state, secret_sealed, attempts, made_at,
       expires_at, due_at, sent_at, ended_at, gateway_no, code
  from message
 where bucket = %(bucket)s and recipient_id = %(recipient_id)s
   and (made_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by made_at desc, id desc limit %(limit)s::integer;
