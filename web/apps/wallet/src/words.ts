import commonEn from "@tiao/i18n/en/common.json";
import ownEn from "@tiao/i18n/en/wallet.json";
import commonZh from "@tiao/i18n/zh-CN/common.json";
import ownZh from "@tiao/i18n/zh-CN/wallet.json";
import { speakWith } from "@tiao/ui";

speakWith({ "zh-CN": { ...commonZh, ...ownZh }, en: { ...commonEn, ...ownEn } });
