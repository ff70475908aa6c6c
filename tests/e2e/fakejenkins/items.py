"""Jobs and folders, and what a job's config.xml says."""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote
from xml.sax.saxutils import escape

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
PIPELINE = "org.jenkinsci.plugins.workflow.job.WorkflowJob"
FREESTYLE = "hudson.model.FreeStyleProject"
ROOTS = {"project": FREESTYLE, "flow-definition": PIPELINE, FOLDER: FOLDER, MULTIBRANCH: MULTIBRANCH}
SH_STEP = re.compile(r"""\bsh\s*\(?\s*(?:script\s*:\s*)?(?:'''(.*?)'''|\"\"\"(.*?)\"\"\"|'([^'\n]*)'|"([^"\n]*)")""", re.S)
ARCHIVE_STEP = re.compile(r"""\barchiveArtifacts\s*\(?\s*(?:artifacts\s*:\s*)?['"]([^'"]+)['"]""")
PARAMETER_STEP = re.compile(r"""\b(string|text|booleanParam|password)\s*\(([^)]*)\)""")


class Definition:
    """One parameter of a job; `kind` is String, Text, Boolean, Choice, Password or File."""

    def __init__(self, name, kind="String", default="", description=None, choices=()):
        self.name, self.kind, self.default = name, kind, default
        self.description, self.choices = description, list(choices)

    def value_class(self):
        kind = "String" if self.kind == "Choice" else self.kind
        return f"hudson.model.{kind}ParameterValue"

    def definition_class(self):
        return f"hudson.model.{self.kind}ParameterDefinition"

    def value(self, given):
        """A build's value out of what a form gave (None: nothing); None when there is none to keep."""
        if self.kind == "File" and given is None:
            return None
        if self.kind == "Boolean":
            text = self.default if given is None else given
            return Value(self, str(text).lower() in ("true", "on", "1"))
        if self.kind == "Choice":
            first = self.choices[0] if self.choices else ""
            return Value(self, first if given is None else given)
        return Value(self, self.default if given is None else given)


class Value:
    """One parameter of a build. A file's value is bytes."""

    def __init__(self, definition, value):
        self.definition, self.name, self.value = definition, definition.name, value

    def text(self):
        if self.definition.kind == "Boolean":
            return "true" if self.value else "false"
        return self.definition.name if self.definition.kind == "File" else str(self.value)

    def told(self):
        """As pages show it."""
        return "****" if self.definition.kind == "Password" else self.text()

    def same(self, other):
        return self.name == other.name and self.value == other.value

    def saved(self):
        """A file is not kept, a password not in clear."""
        value = {"File": "", "Password": base64.b64encode(str(self.value).encode()).decode()}
        return {"name": self.name, "kind": self.definition.kind, "value": value.get(self.definition.kind, self.value)}

    @classmethod
    def loaded(cls, saved):
        value = saved["value"]
        if saved["kind"] == "Password":
            value = base64.b64decode(value).decode()
        return cls(Definition(saved["name"], saved["kind"]), value)


class Item:
    """What folders and jobs share. Names are as in the URL once decoded: a branch's "/" is %2F in its name."""

    def __init__(self, name, parent, xml, class_name):
        self.name, self.parent, self.xml, self.class_name = name, parent, xml, class_name
        self.full_name = f"{parent.full_name}/{name}".lstrip("/") if parent else name

    def path(self):
        """Below the root URL; each segment encoded, so that a branch's %2F becomes %252F."""
        return "".join(f"job/{quote(segment, safe='')}/" for segment in self.full_name.split("/"))


class Folder(Item):
    def __init__(self, name, parent, xml="", class_name=FOLDER):
        super().__init__(name, parent, xml, class_name)
        self.children = {}

    def jobs(self):
        """Every job below, at any depth."""
        for child in self.children.values():
            yield from child.jobs() if isinstance(child, Folder) else [child]


class Job(Item):
    def __init__(self, name, parent, xml, class_name):
        super().__init__(name, parent, xml, class_name)
        self.builds = {}
        self.next_number = 1
        self.configure(xml)

    def configure(self, xml):
        self.xml = xml
        root = parse_xml(xml)
        self.description = root.findtext("description") or ""
        self.disabled = root.findtext("disabled") == "true"
        self.concurrent = root.findtext("concurrentBuild") == "true" or self.is_pipeline
        self.label = root.findtext("assignedNode") or None
        self.auth_token = root.findtext("authToken")
        self.quiet_s = float(root.findtext("quietPeriod") or 0)
        self.definitions = [definition_of(element) for element in root.iterfind(".//parameterDefinitions/*")]
        self.shells = [element.text or "" for element in root.iterfind("builders/hudson.tasks.Shell/command")]
        self.archive = root.findtext("publishers/hudson.tasks.ArtifactArchiver/artifacts")
        self.archive_may_be_empty = root.findtext("publishers/*/allowEmptyArchive") == "true"
        self.junit = root.findtext("publishers/hudson.tasks.junit.JUnitResultArchiver/testResults")
        self.junit_may_be_empty = root.findtext("publishers/*/allowEmptyResults") == "true"
        if self.is_pipeline:
            self.configure_pipeline(root.findtext("definition/script") or "")

    def configure_pipeline(self, script):
        """Only what is needed of Groovy: the sh steps in their order, archiveArtifacts, the parameters."""
        self.shells = [next(text for text in found if text) for found in SH_STEP.findall(script) if any(found)]
        archived = ARCHIVE_STEP.search(script)
        self.archive = archived.group(1) if archived else None
        self.archive_may_be_empty = "allowEmptyArchive: true" in script
        for kind, arguments in PARAMETER_STEP.findall(script):
            name = re.search(r"name\s*:\s*['\"]([^'\"]+)", arguments)
            default = re.search(r"defaultValue\s*:\s*['\"]?([^'\",)]*)", arguments)
            if name:
                kind = {"string": "String", "text": "Text", "booleanParam": "Boolean", "password": "Password"}[kind]
                self.definitions.append(Definition(name.group(1), kind, default.group(1) if default else ""))

    @property
    def is_pipeline(self):
        return self.class_name == PIPELINE

    def numbered(self):
        """Its builds, newest first."""
        return [self.builds[number] for number in sorted(self.builds, reverse=True)]

    def disable(self, off):
        xml = re.sub(r"<disabled>\w+</disabled>", "", self.xml)
        close = xml.rindex("</")
        self.configure(f"{xml[:close]}<disabled>{str(off).lower()}</disabled>{xml[close:]}")


def parse_xml(xml):
    """Jenkins writes XML 1.1, which expat does not read; ValueError for what is no XML."""
    try:
        return ElementTree.fromstring(re.sub(r"<\?xml[^>]*\?>", "", xml).strip())
    except ElementTree.ParseError as error:
        raise ValueError(f"config.xml: {error}") from error


def definition_of(element):
    kind = element.tag.rpartition(".")[2].removesuffix("ParameterDefinition")
    choices = [choice.text or "" for choice in element.iterfind("choices//string")]
    return Definition(element.findtext("name"), kind, element.findtext("defaultValue") or "",
                      element.findtext("description"), choices)


def made(name, parent, xml):
    """The item of this config.xml; ValueError when its kind is unknown."""
    root = parse_xml(xml).tag
    if root not in ROOTS:
        raise ValueError(f"config.xml: <{root}> is no kind of job here")
    class_name = ROOTS[root]
    if class_name in (FOLDER, MULTIBRANCH):
        return Folder(name, parent, xml, class_name)
    return Job(name, parent, xml, class_name)


def definition_xml(kind, name):
    return (f"<hudson.model.{kind}ParameterDefinition><name>{escape(name)}</name><defaultValue></defaultValue>"
            f"</hudson.model.{kind}ParameterDefinition>")


def freestyle_xml(shell, parameters=("TANDA_KEY",), passwords=(), files=(), archive=None, label=None, concurrent=True):
    """A config.xml of the plainest kind: one shell, string, password and file parameters, what to archive."""
    definitions = "".join(definition_xml(kind, name) for kind, names in
                          (("String", parameters), ("Password", passwords), ("File", files)) for name in names)
    properties = ("<hudson.model.ParametersDefinitionProperty><parameterDefinitions>" + definitions +
                  "</parameterDefinitions></hudson.model.ParametersDefinitionProperty>") if definitions else ""
    publishers = ("<hudson.tasks.ArtifactArchiver><artifacts>" + escape(archive) + "</artifacts>"
                  "<allowEmptyArchive>true</allowEmptyArchive></hudson.tasks.ArtifactArchiver>") if archive else ""
    node = f"<assignedNode>{escape(label)}</assignedNode><canRoam>false</canRoam>" if label else "<canRoam>true</canRoam>"
    return (f"<?xml version='1.1' encoding='UTF-8'?>\n<project><properties>{properties}</properties>"
            f"<scm class='hudson.scm.NullSCM'/>{node}<disabled>false</disabled>"
            f"<concurrentBuild>{str(concurrent).lower()}</concurrentBuild>"
            f"<builders><hudson.tasks.Shell><command>{escape(shell)}</command></hudson.tasks.Shell></builders>"
            f"<publishers>{publishers}</publishers></project>")


def form_parameters(text):
    """The parameters in the `json` field of the form that `/build` takes."""
    given = json.loads(text).get("parameter", [])
    given = [given] if isinstance(given, dict) else given
    return {entry["name"]: entry.get("value", "") for entry in given}
