/** Operations on the service itself. */
import type { ServiceOperation } from "../../types/requests.js";
import { getUserDelegationKey } from "./delegation-keys.js";
import type { Operation } from "./operations.js";
import { getServiceProperties, setServiceProperties } from "./service-properties.js";
import { listShares } from "./share-listing.js";

/** Their rows. */
export const serviceOperations: Readonly<Record<ServiceOperation, Operation>> = {
  "List Shares": {
    methods: ["GET"],
    scope: "service",
    comp: "list",
    query: ["prefix", "marker", "maxresults", "include"],
    grant: { account: ["s", "l"] },
    run: listShares,
  },
  "Get File Service Properties": {
    methods: ["GET"],
    scope: "service",
    restype: "service",
    comp: "properties",
    grant: { account: ["s", "r"] },
    run: getServiceProperties,
  },
  "Set File Service Properties": {
    methods: ["PUT"],
    scope: "service",
    restype: "service",
    comp: "properties",
    grant: { account: ["s", "w"] },
    run: setServiceProperties,
  },
  // No SAS and no key can ask for it: a bearer token only.
  "Get User Delegation Key": {
    methods: ["POST"],
    scope: "service",
    restype: "service",
    comp: "userdelegationkey",
    grant: {},
    run: getUserDelegationKey,
  },
};
