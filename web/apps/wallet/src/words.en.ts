import common from "@tiao/i18n/en/common.json";
import own from "@tiao/i18n/en/wallet.json";

export default { ...common, ...own };
