"""The manifests: valid, built by kustomize, and consistent with each other and with gunicorn.conf.py."""

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from backend.server.settings import GRACE_SECONDS
from tests.support.pages import ROOT

KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAY = KUBERNETES / "overlays/example-org"
FILES = sorted(path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml")
# matchLabelKeys in topology spread and pod eviction of unhealthy pods are on by default since 1.27.
VERSIONS = ("1.30", "1.37")


def build(folder: Path) -> list[dict[str, Any]]:
    """What `kubectl apply -k` would send for this folder."""
    kubectl = Path(sysconfig.get_path("scripts")) / "kubectl"  # from requirements/check.txt
    built = subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, text=True)
    assert "deprecated" not in built.stderr
    return list(yaml.safe_load_all(built.stdout))


def manifest(name: str) -> Any:
    """A manifest of the base, as it stands in its file."""
    return yaml.safe_load((KUBERNETES / "base" / f"{name}.yaml").read_text())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_schema(path: Path, version: str) -> None:
    """Each manifest fits the schema of Kubernetes, and has nothing the schema does not name."""
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), version, strict=True)


def test_overlay_is_built() -> None:
    """The overlay is built by kustomize, and all that comes of it fits the schema."""
    built = build(OVERLAY)
    for resource in built:
        kubernetes_validate.validate(resource, VERSIONS[-1], strict=True)
    assert len(built) == len(FILES) + 1  # the ConfigMap is generated
    assert {r["metadata"].get("namespace") for r in built if r["kind"] != "Namespace"} == {"fastapi-okta"}


def test_config_map_has_a_hash() -> None:
    """The Deployment names the ConfigMap by the hash of its content, and it holds the org's values."""
    built = {resource["kind"]: resource for resource in build(OVERLAY)}
    name = built["ConfigMap"]["metadata"]["name"]
    assert re.fullmatch(r"fastapi-okta-[a-z0-9]{10}", name)
    (container,) = built["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": name}}]
    assert container["image"] == "registry.example.com/fastapi-okta-backend:1.0.0"
    data = built["ConfigMap"]["data"]
    assert data["OKTA_ISSUER"].startswith("https://")
    assert data["OKTA_AUDIENCE"] == "api://default"


def test_selectors() -> None:
    """Everything that selects pods selects those of the Deployment."""
    deployment = manifest("deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    spread = deployment["template"]["spec"]["topologySpreadConstraints"]
    assert deployment["selector"] == {"matchLabels": labels}
    assert manifest("service")["spec"]["selector"] == labels
    assert manifest("pod-disruption-budget")["spec"]["selector"] == {"matchLabels": labels}
    assert manifest("network-policy")["spec"]["podSelector"] == {"matchLabels": labels}
    assert [constraint["labelSelector"] for constraint in spread] == [{"matchLabels": labels}] * 2
    assert manifest("horizontal-pod-autoscaler")["spec"]["scaleTargetRef"]["name"] == "fastapi-okta"


def test_restricted_pod_security() -> None:
    """The pod is what the Pod Security Standard `restricted` asks for, with a read-only root besides."""
    pod = manifest("deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert all(set(volume) == {"name", "emptyDir"} for volume in pod["volumes"])
    labels = manifest("namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_grace_period() -> None:
    """Kubernetes waits longer than preStop, draining and the requests under way take together."""
    pod = manifest("deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    wait = re.search(r"sleep\((\d+)\)", container["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert wait
    literals = manifest("kustomization")["configMapGenerator"][0]["literals"]
    drain = dict(literal.split("=", 1) for literal in literals)["DRAIN_SECONDS"]
    assert pod["terminationGracePeriodSeconds"] >= int(wait[1]) + int(drain) + GRACE_SECONDS + 5


def test_rolling_update() -> None:
    """An update takes no pod away before another one is ready; ready is not the same as alive."""
    spec = manifest("deployment")["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_metrics() -> None:
    """Metrics are served on the port that the pod names, which the namespace `monitoring` alone may reach."""
    (container,) = manifest("deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    literals = manifest("kustomization")["configMapGenerator"][0]["literals"]
    assert f"METRICS_ADDRESS=0.0.0.0:{ports['metrics']}" in literals
    callers, scraper = manifest("network-policy")["spec"]["ingress"]
    assert callers == {"ports": [{"protocol": "TCP", "port": "http"}]}
    assert scraper["ports"] == [{"protocol": "TCP", "port": "metrics"}]
    (source,) = scraper["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}
    assert [port["targetPort"] for port in manifest("service")["spec"]["ports"]] == ["http"]


def test_egress() -> None:
    """Pods may reach the cluster's DNS and HTTPS outside, and nothing else."""
    dns, https = manifest("network-policy")["spec"]["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert dns["to"][0]["podSelector"]["matchLabels"] == {"k8s-app": "kube-dns"}
    assert https["ports"] == [{"protocol": "TCP", "port": 443}]
    assert "10.0.0.0/8" in https["to"][0]["ipBlock"]["except"]
