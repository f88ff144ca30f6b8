// A merchant's program on `wechatpay-axios-plugin`, unmodified: trades, then verifies and opens what it was told.
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Aes, Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin';

const asked = JSON.parse(readFileSync(0, 'utf8'));
const [name, key] = asked.is_by_key_id
  ? [asked.platform_key_id, asked.platform_key]
  : [asked.platform_serial, asked.platform_certificate];
const wxpay = new Wechatpay({
  baseURL: `${asked.url}/`,
  mchid: asked.mchid,
  serial: asked.serial,
  privateKey: asked.private_key,
  certs: { [name]: key },
  ...(asked.is_by_key_id ? { headers: { 'Wechatpay-Serial': asked.platform_key_id } } : {}),
});

const METHODS = {
  pay: (say) => wxpay.v3.pay.transactions.native.post({
    appid: asked.appid, mchid: asked.mchid, notify_url: asked.notify_url, ...say,
  }),
  codepay: (say) => wxpay.v3.pay.transactions.codepay.post({ appid: asked.appid, mchid: asked.mchid, ...say }),
  reverse: ({ out_trade_no }) => wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.reverse.post(
    { appid: asked.appid, mchid: asked.mchid }, { out_trade_no },
  ),
  query: ({ out_trade_no }) => wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.get({
    params: { mchid: asked.mchid }, out_trade_no,
  }),
  refund: (say) => wxpay.v3.refund.domestic.refunds.post({ notify_url: asked.notify_url, ...say }),
  query_refund: (say) => wxpay.v3.refund.domestic.refunds.$out_refund_no$.get(say),
  close: ({ out_trade_no }) => wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.close.post(
    { mchid: asked.mchid }, { out_trade_no },
  ),
  profitsharing_add_receiver: (say) => wxpay.v3.profitsharing.receivers.add.post({ appid: asked.appid, ...say }),
  profitsharing_order: (say) => wxpay.v3.profitsharing.orders.post({ appid: asked.appid, ...say }),
};

async function bill({ bill_date, bill_type, tar_type }) {
  const { data } = await wxpay.v3.bill.tradebill.get({ params: { bill_date, bill_type, tar_type } });
  const url = new URL(data.download_url);
  const packed = await wxpay.v3.billdownload.file.get({
    params: { token: url.searchParams.get('token') }, responseType: 'arraybuffer',
  });
  const content = gunzipSync(packed.data);
  if (createHash('sha1').update(content).digest('hex') !== data.hash_value) throw new Error('another bill');
  return { status: packed.status, bill: content.toString() };
}

const answers = [];
for (const { do: what, say } of asked.steps ?? []) {
  if (what === 'bill') {
    answers.push(await bill(say));
  } else {
    // A "no" is an answer too; the library throws it, signature and all.
    const { status, data } = await METHODS[what](say).catch(({ response }) => response);
    answers.push({ status, ...data });
  }
}
const told = (asked.told ?? []).map(({ headers, body }) => {
  const found = Object.fromEntries(Object.entries(headers).map(([each, value]) => [each.toLowerCase(), value]));
  const content = Formatter.response(found['wechatpay-timestamp'], found['wechatpay-nonce'], body);
  if (!Rsa.verify(content, found['wechatpay-signature'], key)) throw new Error('not signed');
  const said = JSON.parse(body);
  const { nonce, ciphertext, associated_data: data } = said.resource;
  return { ...said, resource: JSON.parse(Aes.AesGcm.decrypt(ciphertext, asked.apiv3_key, nonce, data)) };
});
process.stdout.write(JSON.stringify({ answers, told }));
