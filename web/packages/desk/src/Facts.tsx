import { Descriptions } from "antd";
import type { ReactNode } from "react";

/** Facts side by side: what it is, and what it is worth. What is null is left out. */
export function Facts({ of, columns = 2 }: { of: [ReactNode, ReactNode | null | undefined][]; columns?: number }) {
  const items = of
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([label, children], key) => ({ key, label, children }));
  return <Descriptions size="small" bordered column={{ xs: 1, md: columns }} items={items} />;
}
