// What MuPDF shows of a file: mutool run mupdf.js FILE FOLDER DPI PAGES
// Pages go into the folder as PNG, everything else is printed as one line of JSON.
"use strict";

var path = scriptArgs[0], folder = scriptArgs[1], scale = scriptArgs[2] / 72, most = scriptArgs[3] | 0;

function pageText(page) {
  var text = "";
  page.toStructuredText("preserve-whitespace").walk({
    onChar: function (character) { text += character; },
    endLine: function () { text += "\n"; },
  });
  return text;
}

function fileNames(node, depth, found) {
  // The tree of names is walked as far as it is one.
  if (depth > 8 || !node || !node.isDictionary()) return found;
  var kids = node.get("Kids"), names = node.get("Names"), i;
  if (kids && kids.isArray())
    for (i = 0; i < kids.length; i++) fileNames(kids.get(i), depth + 1, found);
  if (names && names.isArray())
    for (i = 0; i + 1 < names.length; i += 2) found.push(names.get(i + 1));
  return found;
}

function attached(doc, folder) {
  var root = doc.getTrailer().get("Root"), names = root && root.get("Names");
  var tree = names && names.isDictionary() && names.get("EmbeddedFiles"), out = [];
  fileNames(tree, 0, []).forEach(function (spec, i) {
    var name = "", file = folder + "/attached-" + i;
    try {
      name = doc.getEmbeddedFileParams(spec).filename;
      doc.getEmbeddedFileContents(spec).save(file);
      out.push([name, file]);
    } catch (error) {
      out.push([name, ""]);
    }
  });
  return out;
}

function formFields(list, depth, found) {
  if (depth > 8 || found.length > 500 || !list || !list.isArray()) return found;
  for (var i = 0; i < list.length; i++) {
    var field = list.get(i);
    if (!field || !field.isDictionary() || text(field.get("FT")) === "/Sig") continue;
    found.push([text(field.get("T")), ["FT", "V", "AS", "Ff"].map(function (key) {
      var value = field.get(key);
      return text(value);
    }).join(" ")]);
    formFields(field.get("Kids"), depth + 1, found);
  }
  return found;
}

function text(value) {
  return value === null || value === undefined ? "" : value.isString() ? value.asString() : String(value);
}

function acroForm(doc) {
  var root = doc.getTrailer().get("Root"), form = root && root.get("AcroForm");
  return form && form.isDictionary() ? formFields(form.get("Fields"), 0, []) : [];
}

function told(call) {
  try { return String(call()); } catch (error) { return "?"; }
}

function main() {
  var doc = new Document(path), count = doc.countPages(), out = {};
  out.count = count;
  out.texts = [];
  out.fields = [];
  out.marks = [];
  for (var i = 0; i < count && i < most; i++) {
    var page = doc.loadPage(i);
    // Without a fourth argument annotations and fields are drawn, too.
    page.toPixmap([scale, 0, 0, scale, 0, 0], DeviceRGB, false).saveAsPNG(folder + "/" + (i + 1) + ".png");
    out.texts.push(pageText(page));
    if (!doc.isPDF()) continue;
    page.getAnnotations().forEach(function (mark) {
      out.marks.push([i, told(function () { return mark.getType(); }), told(function () { return mark.getRect(); }),
        told(function () { return mark.getContents(); }), told(function () { return mark.getFlags(); })].join(" "));
    });
    page.getWidgets().forEach(function (widget) {
      if (widget.getFieldType() === "signature") return;
      out.fields.push([i + " " + told(function () { return widget.getRect(); }),
        told(function () { return widget.getFieldType(); }) + "=" + told(function () { return widget.getValue(); })]);
    });
  }
  if (doc.isPDF()) out.fields = out.fields.concat(acroForm(doc));
  out.attachments = doc.isPDF() ? attached(doc, folder) : [];
  print(JSON.stringify(out));
}

main();
