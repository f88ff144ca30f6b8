import common from "@tiao/i18n/zh-CN/common.json";
import desk from "@tiao/i18n/zh-CN/desk.json";
import own from "@tiao/i18n/zh-CN/ops.json";

export default { ...common, ...desk, ...own };
