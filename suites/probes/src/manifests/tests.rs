use super::*;
use readiness::Verdict;

const SOUND: &str = "
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: api
          ports: [{containerPort: 8080}]
          env:
            - {name: MODE, value: production}
            - {name: API_KEY, valueFrom: {secretKeyRef: {name: api, key: key}}}
          resources: {requests: {cpu: 250m, memory: 128Mi}, limits: {cpu: '1', memory: 256Mi}}
          readinessProbe: {httpGet: {path: /health, port: 8080}}
          livenessProbe: {httpGet: {path: /health, port: 8080}}
---
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {scaleTargetRef: {name: api}, minReplicas: 3, maxReplicas: 9, metrics: [{type: Resource}]}
---
kind: PodDisruptionBudget
metadata: {name: api}
---
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]
---
kind: Service
metadata: {name: api}
spec: {type: LoadBalancer, ports: [{port: 443}]}
";

fn seen(from: &str, to: &str) -> Deployment {
    assert!(SOUND.contains(from), "{from}");
    let text = SOUND.replacen(from, to, 1);
    let files = BTreeMap::from([("all.yaml".to_owned(), text)]);
    Deployment::new(read::facts(&files).unwrap())
}

type Judge = fn(&Deployment) -> Result<Verdict>;

#[test]
fn sound_manifests_pass() {
    let sound = seen("", "");
    let probed: Judge = |seen| probed(seen, "/health");
    for judge in [limited, scaled, secrets_referenced, isolated, probed] {
        assert_eq!(judge(&sound).unwrap(), Verdict::Pass);
    }
    let variables = sound.get("variables");
    assert_eq!(variables.get("MODE").as_str(), Some("production"));
    assert!(variables.get("API_KEY").is_null());
}

#[test]
fn each_gap_is_named() {
    let probed: Judge = |seen| probed(seen, "/health");
    let cases: [(Judge, &str, &str, &str); 17] = [
        (limited, "memory: 256Mi", "other: 1", "no memory limit"),
        (limited, "cpu: '1'", "cpu: '0'", "no CPU limit"),
        (limited, "memory: 128Mi", "memory: 1Gi", "its limit is"),
        (limited, "kind: Deployment", "kind: Other", "no workload"),
        (scaled, "replicas: 3", "replicas: 1", "1 replicas"),
        (scaled, "minReplicas: 3", "minReplicas: 1", "1 replicas"),
        (scaled, "kind: Horizontal", "kind: X", "no autoscaler"),
        (scaled, "{name: api}, min", "{name: b}, min", "is for b"),
        (
            scaled,
            "metrics: [{type: Resource}]",
            "metrics: []",
            "no metric",
        ),
        (scaled, "kind: PodDis", "kind: X", "no disruption budget"),
        (probed, "readinessProbe", "other", "no readiness probe"),
        (
            probed,
            "livenessProbe: {httpGet: {path: /health",
            "livenessProbe: {httpGet: {path: /x",
            "/x",
        ),
        (
            secrets_referenced,
            "valueFrom: {secretKeyRef: {name: api, key: key}}",
            "value: abc",
            "API_KEY",
        ),
        (
            secrets_referenced,
            "metadata: {name: deny}",
            "note: -----BEGIN RSA PRIVATE KEY-----",
            "a private key",
        ),
        (
            isolated,
            "podSelector: {}, ",
            "podSelector: {a: b}, ",
            "none of 2",
        ),
        (
            isolated,
            ", ports: [{port: 443}]}]\n",
            "}]\n",
            "opens all ports",
        ),
        (
            isolated,
            "ports: [{port: 443}]}\n",
            "ports: [{port: 5432}]}\n",
            "port 5432",
        ),
    ];
    for (judge, from, to, words) in cases {
        let verdict = judge(&seen(from, to)).unwrap();
        let Verdict::Fail(reason) = verdict else {
            panic!("{from} -> {to}: {verdict:?}")
        };
        assert!(reason.contains(words), "{reason}");
    }
    let room = seen("maxReplicas: 9", "maxReplicas: 3");
    assert!(matches!(scaled(&room).unwrap(), Verdict::Warn(_)));
}

#[test]
fn rules_of_both_forms_are_read() {
    let rules = "groups:\n  - rules:\n      - record: x\n        expr: y\n      - alert: Slow\n        \
                 expr: a > 1\n        annotations: {runbook_url: runbooks/slow.md}\n";
    let expected = AlertingRule {
        alert: "Slow".to_owned(),
        expression: "a > 1".to_owned(),
        runbook_url: Some("runbooks/slow.md".to_owned()),
    };
    assert_eq!(
        alerting_rules(rules).unwrap(),
        std::slice::from_ref(&expected)
    );
    let resource = format!("spec:\n  {}", rules.replace('\n', "\n  "));
    assert_eq!(alerting_rules(&resource).unwrap(), [expected]);
}
