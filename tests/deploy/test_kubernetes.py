"""The manifests: valid, built by Kustomize, and consistent with each other and with gunicorn.conf.py."""

import re
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from backend.server.settings import GRACE_SECONDS
from dev.reference import PROMETHEUS_RULE, prometheus_rule
from tests.support.pages import ROOT, blocks

pytestmark = pytest.mark.slow  # for what it needs: kubectl and the schemas are in requirements/workshop.txt
kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="requirements/workshop.txt")

KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAYS = ("example-ingress", "example-gateway")
COMPONENTS = sorted(path.name for path in (KUBERNETES / "components").iterdir())
# The oldest version has preStop.sleep by default.
VERSIONS = ("1.30", "1.37")
# Their schemas are in the cluster, as custom resources.
CUSTOM = {"PodMonitor", "PrometheusRule", "Gateway", "HTTPRoute"}
# The DNS variants replace each other.
DNS_POLICY = "api-dns"

Resource = dict[str, Any]


@cache
def build(overlay: str) -> tuple[Resource, ...]:
    """Return what `kubectl apply -k` would send for an overlay."""
    kubectl = Path(sysconfig.get_path("scripts")) / "kubectl"  # from requirements/workshop.txt
    folder = KUBERNETES / "overlays" / overlay
    built = subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, text=True)
    assert "deprecated" not in built.stderr
    return tuple(yaml.safe_load_all(built.stdout))


def of_kind(overlay: str, kind: str) -> dict[str, Resource]:
    """Return an overlay's resources of one kind, by name."""
    return {one["metadata"]["name"]: one for one in build(overlay) if one["kind"] == kind}


def pods(overlay: str) -> dict[str, Resource]:
    """Return the pod template of each Deployment, by name."""
    return {name: one["spec"]["template"] for name, one in of_kind(overlay, "Deployment").items()}


def api(overlay: str = "example-ingress") -> tuple[Resource, Resource]:
    """Return the specs of the API's pod and of its container."""
    pod = pods(overlay)["api"]["spec"]
    (container,) = pod["containers"]
    return pod, container


def config(overlay: str) -> dict[str, str]:
    """Return the data of the API's ConfigMap."""
    name = api(overlay)[1]["envFrom"][0]["configMapRef"]["name"]
    return dict(of_kind(overlay, "ConfigMap")[name]["data"])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_resources_fit_the_schema_of_kubernetes(overlay: str, version: str) -> None:
    """Each resource fits the schema and has no field that the schema does not define."""
    for resource in build(overlay):
        if resource["kind"] not in CUSTOM:
            kubernetes_validate.validate(resource, version, strict=True)


def test_overlays_use_every_component() -> None:
    """Each component is part of an example, except one of the DNS variants."""
    used = set()
    for overlay in OVERLAYS:
        text = (KUBERNETES / "overlays" / overlay / "kustomization.yaml").read_text()
        used |= set(re.findall(r"components/([a-z-]+)", text))
    assert set(COMPONENTS) - used == {"dns-node-local"}


def test_dns_variants_have_the_same_name() -> None:
    """Two variants in one overlay are an error of Kustomize."""
    for component in ("dns-kube-dns", "dns-node-local", "openshift"):
        policy = yaml.safe_load((KUBERNETES / "components" / component / "resources.yaml").read_text())
        for version in VERSIONS:
            kubernetes_validate.validate(policy, version, strict=True)
        assert policy["metadata"]["name"] == DNS_POLICY
        assert {port["protocol"] for port in policy["spec"]["egress"][0]["ports"]} == {"UDP", "TCP"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_resources_are_in_one_namespace_with_common_labels(overlay: str) -> None:
    """Only the Namespace itself is outside the namespace."""
    for resource in build(overlay):
        assert resource["metadata"].get("namespace", resource["kind"]) in {"fastapi-okta", "Namespace"}
        labels = resource["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "fastapi-okta"
        assert labels["app.kubernetes.io/version"] == "1.0.0"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_config_map_has_a_hash_and_the_values_of_base_and_overlay(overlay: str) -> None:
    """A changed value changes the name of the ConfigMap, and so rolls out."""
    name = api(overlay)[1]["envFrom"][0]["configMapRef"]["name"]
    assert re.fullmatch(r"api-[a-z0-9]{10}", name)
    assert config(overlay)["OKTA_ISSUER"].startswith("https://")
    assert config(overlay)["OKTA_AUDIENCE"] == "api://default"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_images_are_pinned_by_digest(overlay: str) -> None:
    """Each image has a place for its digest."""
    for template in pods(overlay).values():
        for container in template["spec"]["containers"]:
            assert re.search(r"^registry\.example\.com/.+:.+@sha256:[0-9a-f]{64}$", container["image"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_that_selects_pods_selects_pods_of_a_deployment(overlay: str) -> None:
    """Services, disruption budgets, network policies and monitors select the labels of a pod template."""
    templates = {name: template["metadata"]["labels"] for name, template in pods(overlay).items()}

    def selects(selector: dict[str, str]) -> bool:
        return any(selector.items() <= labels.items() for labels in templates.values())

    for name, deployment in of_kind(overlay, "Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= templates[name].items()
        for constraint in deployment["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
            assert constraint["labelSelector"] == deployment["spec"]["selector"]
    for service in of_kind(overlay, "Service").values():
        assert selects(service["spec"]["selector"])
    for kind in ("PodDisruptionBudget", "PodMonitor"):
        for resource in of_kind(overlay, kind).values():
            assert selects(resource["spec"]["selector"]["matchLabels"])
    for policy in of_kind(overlay, "NetworkPolicy").values():
        assert selects(policy["spec"]["podSelector"]["matchLabels"])
    (scaler,) = of_kind(overlay, "HorizontalPodAutoscaler").values()
    assert scaler["spec"]["scaleTargetRef"]["name"] in templates


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_fit_the_restricted_pod_security_standard(overlay: str) -> None:
    """Each pod fits the standard `restricted`, with a read-only root and its own account without a token."""
    for name, template in pods(overlay).items():
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["serviceAccountName"] == name
        assert of_kind(overlay, "ServiceAccount")[name]["automountServiceAccountToken"] is False
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_migrations_run_before_the_api_with_its_settings(overlay: str) -> None:
    """The init container has the image, the settings and the database of the API."""
    pod, container = api(overlay)
    (migrate,) = pod["initContainers"]
    assert migrate["command"] == ["python", "-m", "backend.migrate"]
    assert (migrate["image"], migrate["envFrom"]) == (container["image"], container["envFrom"])
    (database,) = migrate["env"]
    assert database["valueFrom"] == {"secretKeyRef": {"name": "api-database", "key": "url"}}
    assert database in container["env"]


def test_user_ids_are_fixed_except_on_openshift() -> None:
    """OpenShift assigns a user id to each namespace and refuses other ones."""
    assert api()[0]["securityContext"]["runAsUser"] == 10001
    for template in pods("example-gateway").values():
        assert not {"runAsUser", "runAsGroup"} & set(template["spec"]["securityContext"])


def test_namespace_enforces_audits_and_warns() -> None:
    """The component's namespace applies the standard `restricted` in each mode."""
    labels = of_kind("example-ingress", "Namespace")["fastapi-okta"]["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_grace_period_covers_pre_stop_draining_and_requests_under_way(overlay: str) -> None:
    """The grace period is longer than preStop and gunicorn's graceful_timeout together."""
    pod, container = api(overlay)
    graceful_timeout = int(config(overlay)["DRAIN_SECONDS"]) + GRACE_SECONDS + 1
    assert (
        "graceful_timeout = settings.server.drain_seconds + GRACE_SECONDS + 1"
        in (ROOT / "gunicorn.conf.py").read_text()
    )
    stopping = container["lifecycle"]["preStop"]["sleep"]["seconds"] + graceful_timeout
    assert stopping < pod["terminationGracePeriodSeconds"] <= stopping + 10


def test_rolling_update_waits_for_ready_pods() -> None:
    """An update stops no pod before another one is ready; liveness does not depend on Okta."""
    _, container = api()
    spec = of_kind("example-ingress", "Deployment")["api"]["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def ingress(overlay: str, pod: str) -> dict[str, list[str]]:
    """Return the ports of a pod that may be reached, each with the namespaces or pods that may."""
    reached: dict[str, list[str]] = {}
    for policy in of_kind(overlay, "NetworkPolicy").values():
        if policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == pod:
            for rule in policy["spec"].get("ingress", []):
                for source in rule["from"]:
                    (selector,) = source.values()
                    (port,) = rule["ports"]
                    reached.setdefault(port["port"], []).extend(selector["matchLabels"].values())
    return reached


def test_pods_are_reached_only_by_their_callers() -> None:
    """Network policies open each port to one namespace or pod."""
    assert ingress("example-ingress", "api") == {"http": ["traefik"]}
    assert ingress("example-ingress", "app") == {"http": ["traefik"]}
    gateway = "example-gateway"
    assert ingress(gateway, "api") == {"http": ["envoy-gateway-system"]}
    assert ingress(gateway, "app") == {"http": ["envoy-gateway-system"]}
    assert ingress(gateway, "valkey") == {"valkey": ["api"]}


def egress(overlay: str, pod: str) -> set[Any]:
    """Return the ports that a pod may send to."""
    return {
        port["port"]
        for policy in of_kind(overlay, "NetworkPolicy").values()
        if policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == pod
        for rule in policy["spec"].get("egress", [])
        for port in rule["ports"]
    }


def test_pods_send_only_to_dns_okta_and_their_services() -> None:
    """The app and Valkey send nothing."""
    assert egress("example-ingress", "api") == {53, 443, 4318, 5432}
    assert egress("example-gateway", "api") == {5353, 443, 4318, 5432, "valkey"}
    for pod in ("app", "valkey"):
        assert egress("example-gateway", pod) == set()
        policy = of_kind("example-gateway", "NetworkPolicy")[pod]
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_https_egress_excludes_private_networks() -> None:
    """HTTPS goes to public addresses, of both IP versions."""
    (rule,) = of_kind("example-ingress", "NetworkPolicy")["api"]["spec"]["egress"]
    version_4, version_6 = (block["ipBlock"] for block in rule["to"])
    assert "10.0.0.0/8" in version_4["except"]
    assert "fc00::/7" in version_6["except"]


def test_limits_of_the_page_are_for_the_route_of_the_example() -> None:
    """The policy for Envoy Gateway names an HTTPRoute that the component `gateway` has."""
    (page,) = blocks(ROOT / "docs/how-to/kubernetes.md", "yaml")
    (target,) = yaml.safe_load(page)["spec"]["targetRefs"]
    assert of_kind("example-gateway", target["kind"])[target["name"]]["apiVersion"] == f"{target['group']}/v1"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_metrics_are_exported_under_the_job_that_the_alerts_select(overlay: str) -> None:
    """Prometheus' label `job` is the name of the service, and the network policy opens the collector's port."""
    settings = config(overlay)
    jobs = set(re.findall(r'job="([^"]+)"', (ROOT / "deploy/observability/alerts.yml").read_text()))
    assert jobs == {settings["OTEL_SERVICE_NAME"]}
    assert settings["FASTAPI_OTEL_AUTO_CONFIGURE"] == "true"
    assert urlsplit(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]).port in egress(overlay, "api")


def test_prometheus_rule_has_the_alerts() -> None:
    """`make reference` has been run since deploy/observability/alerts.yml changed."""
    assert PROMETHEUS_RULE.read_text() == prometheus_rule()
    alerts = yaml.safe_load((ROOT / "deploy/observability/alerts.yml").read_text())
    (rule,) = of_kind("example-ingress", "PrometheusRule").values()
    assert rule["spec"] == alerts


def test_private_ca_is_mounted_and_trusted() -> None:
    """SSL_CERT_FILE is a file of the ConfigMap that the overlay provides."""
    pod, container = api("example-gateway")
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "private-ca"]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "private-ca"]
    assert {"name": "SSL_CERT_FILE", "value": f"{mount['mountPath']}/ca.crt"} in container["env"]
    assert "ca.crt" in of_kind("example-gateway", "ConfigMap")[volume["configMap"]["name"]]["data"]
