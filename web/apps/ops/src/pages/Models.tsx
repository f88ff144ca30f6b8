// The models at work: which decides, which is in shadow, and whether the world still looks as it did when they learnt.
import { useMay } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { useSpeech } from "@tiao/ui";
import { Tabs } from "antd";
import { Credit } from "../models/Credit";
import { Fraud } from "../models/Fraud";
import { Heading } from "@tiao/desk/Heading";

export default function Models() {
  const { t } = useSpeech();
  const mayCredit = useMay("credit:write");
  const mayFraud = useMay("risk:write");
  const [filters, setFilter] = useFilters("of", "version", "days");
  return (
    <>
      <Heading title="ops.nav.models" note="model.thresholds" />
      <Tabs
        activeKey={mayFraud && (filters.of === "fraud" || !mayCredit) ? "fraud" : "credit"}
        onChange={(key) => setFilter("of", key === "credit" ? null : key)}
        items={[
          ...(mayCredit ? [{ key: "credit", label: t("model.tab.credit"), children: <Credit /> }] : []),
          ...(mayFraud ? [{ key: "fraud", label: t("model.tab.fraud"), children: <Fraud /> }] : []),
        ]}
      />
    </>
  );
}
