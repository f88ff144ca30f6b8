// A merchant's program on `alipay-sdk`, unmodified: trades, then verifies what it was told.
import { readFileSync } from 'node:fs';
import { AlipaySdk } from 'alipay-sdk';

const METHODS = {
  create: 'alipay.trade.precreate',
  scan: 'alipay.trade.pay',
  close: 'alipay.trade.close',
  cancel: 'alipay.trade.cancel',
  query: 'alipay.trade.query',
  refund: 'alipay.trade.refund',
  refund_query: 'alipay.trade.fastpay.refund.query',
  settle: 'alipay.trade.order.settle',
  bill: 'alipay.data.dataservice.bill.downloadurl.query',
};

const asked = JSON.parse(readFileSync(0, 'utf8'));
const sdk = new AlipaySdk({
  appId: asked.app_id,
  privateKey: asked.private_key_pkcs1,
  alipayPublicKey: asked.platform_key_bare,
  gateway: `${asked.url}/gateway.do`,
});

const answers = [];
for (const { do: what, say } of asked.steps ?? []) {
  const more = what === 'create' ? { notifyUrl: asked.notify_url } : {};
  // eslint-disable-next-line no-await-in-loop -- one after the other, as a shop would
  answers.push(await sdk.exec(METHODS[what], { bizContent: say, ...more }, { validateSign: true }));
}
const told = (asked.told ?? []).map(({ body }) => {
  const said = Object.fromEntries(new URLSearchParams(body));
  return [sdk.checkNotifySignV2(said), said];
});
process.stdout.write(JSON.stringify({ answers, told }));
