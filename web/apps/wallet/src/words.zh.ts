import common from "@tiao/i18n/zh-CN/common.json";
import own from "@tiao/i18n/zh-CN/wallet.json";

export default { ...common, ...own };
