import common from "@tiao/i18n/en/common.json";
import desk from "@tiao/i18n/en/desk.json";
import own from "@tiao/i18n/en/ops.json";

export default { ...common, ...desk, ...own };
