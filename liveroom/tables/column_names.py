"""The names by which offices call the fields of a report, in Indonesian, English and Spanish and in open data.

The order within a field is that of preference: a file with a `ticket number` and an `id` has its number in the first.
Names are compared without accents, marks and capitals.
"""

import re
import unicodedata
from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "source_id": """
        source_id | nomor tiket, no tiket, tiket, nomor laporan, no laporan, nomor aduan, no aduan, nomor
        pengaduan, no pengaduan, id laporan, id aduan, id pengaduan, kode laporan, kode aduan, nomor registrasi,
        no registrasi, nomor | unique key, service request id, service request number, sr number, request id,
        case id, caseid, case enquiry id, case number, ticket number, ticket id, ticket, incident id, reference
        number, reference, request number, ref | numero de reporte, numero reporte, folio, numero de folio, no
        folio, numero de solicitud, numero solicitud, id reporte, id solicitud, radicado, expediente, numero de
        expediente, numero | id, kode, code, codigo, contacto, objectid, globalid, no, number
    """,
    "category": """
        category | kategori, kategori laporan, kategori aduan, kategori pengaduan, jenis aduan, jenis laporan,
        jenis pengaduan, jenis, klasifikasi, topik, subkategori | complaint type, service name, service request
        type, request type, sr type, issue type, problem type, type, service, service code, issue, problem |
        categoria, tipo de reporte, tipo reporte, tipo de solicitud, tipo solicitud, tipo de incidencia, tipo de
        servicio, tipo, servicio, clasificacion, tema
    """,
    "description": """
        description | isi laporan, isi aduan, isi pengaduan, isi, uraian, deskripsi, keterangan, keluhan, aduan,
        pengaduan, laporan, detail | descriptor, request details, details, service notes, complaint, comments,
        summary, case title, notes, text, body | descripcion, detalle, detalles, observaciones, comentarios,
        comentario, relato, texto, concepto, asunto
    """,
    "address": """
        address | alamat kejadian, alamat lengkap, alamat, lokasi kejadian, lokasi, tempat, jalan | incident
        address, street address, address string, full address, location address, location street name, location
        | direccion, domicilio, ubicacion, domicilio calle, calle, lugar
    """,
    "lat": "lat | lintang, garis lintang, koordinat lat | latitude, lat wgs84, geo lat | latitud, coord y, y",
    "lon": """
        lon | bujur, garis bujur, koordinat long | longitude, lng, long, lon wgs84, geo lon, geo long |
        longitud, coord x, x
    """,
    "point": """
        geometry | koordinat, titik koordinat, titik, koordinat lokasi | location, point, coordinates, lat long,
        latlong, lat lon, latlon, the geom, geom, geolocation, geo point, geo point 2d, geopoint, georeference |
        coordenadas, georeferencia
    """,
    "area": """
        area | kode kelurahan, kelurahan, kelurahan kejadian, desa | area code, neighborhood, neighbourhood |
        barrio, colonia
    """,
    "channel": """
        channel | kanal, saluran, kanal laporan, sumber, media pelaporan, asal laporan | open data channel type,
        method received, source, origin, intake channel | canal, medio, medio de recepcion, via
    """,
    "reported_at": """
        reported_at | tanggal masuk, tgl masuk, waktu masuk, tanggal laporan, tgl laporan, tanggal aduan, tgl
        aduan, tanggal pengaduan, waktu laporan, waktu lapor, tanggal lapor, dibuat pada, dibuat, tanggal
        kejadian, waktu kejadian, tanggal, tgl, waktu | created date, created at, created, requested datetime,
        date created, creation date, open dt, open date, opened, date opened, date received, received date,
        received, report date, request date, submitted at, timestamp, datetime, date | fecha de creacion, fecha
        creacion, fecha de reporte, fecha reporte, fecha de ingreso, fecha ingreso, fecha de solicitud, fecha
        solicitud, fecha de apertura, fecha apertura, fecha alta, fecha inicio, fecha
    """,
    "closed_at": """
        closed_at | tanggal selesai, tgl selesai, waktu selesai, selesai pada, tanggal tutup, tgl tutup,
        ditutup, selesai | closed date, closed dt, date closed, close date, completion date, completed at, date
        completed, resolved at, resolution date, closed | fecha de cierre, fecha cierre, fecha de resolucion,
        fecha resolucion, fecha de termino, fecha termino, fecha fin,
        fecha cierre contacto, cerrado
    """,
    "updated_at": """
        updated_at | tanggal ubah, tgl ubah, diperbarui pada, diperbarui | updated datetime, last updated, last
        modified date, modified, resolution action updated date, updated | fecha de actualizacion, fecha
        actualizacion, fecha modificacion
    """,
    "priority": "priority | prioritas, urgensi, tingkat urgensi | urgency, severity | prioridad, urgencia",
    "media": """
        media | foto, gambar, lampiran, tautan foto | media url, photo url, photo, photos, image, images, image
        url, attachments, submitted photo, submittedphoto | imagen, imagenes, fotos, evidencia, adjuntos
    """,
}
# Of a person: never taken because of their name alone, and not shown.
_PERSONAL: Mapping[str, str] = {
    "person.name": """
        nama, nama pelapor, pelapor, nama lengkap, nama warga | name, full name, first name, last name,
        reporter, reporter name, customer name, citizen name, requester | nombre, nombres, nombre completo,
        apellido, apellidos, solicitante, ciudadano
    """,
    "person.phone": """
        hp, no hp, nomor hp, telepon, no telepon, nomor telepon, telp, no telp, ponsel, whatsapp, wa, no wa,
        kontak | phone, phone number, mobile, contact, telephone | telefono, celular, movil
    """,
    "person.email": """
        surel, email pelapor | email, e mail, email address, reporter email | correo, correo electronico, mail
    """,
    "": """
        person, warga, citizen, customer, complainant, pemohon, pengadu | nik, no ktp, nomor ktp, ktp, no kk, nomor
        kk, tanggal lahir, tgl lahir, alamat pelapor, alamat rumah, npwp | ssn, date of birth, birth date, dob,
        passport, ip address | dni, curp, cedula, documento, fecha de nacimiento
    """,
}


def plain_name(text: str) -> str:
    """A name without accents, marks and capitals, one blank between its words."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def _listed(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (plain_name(one) for one in re.split(r"[|,]", names)))))


KNOWN: Mapping[str, Mapping[str, int]] = {
    field: {name: rank for rank, name in enumerate(_listed(names))} for field, names in _NAMES.items()
}
_ALL_KNOWN = frozenset(name for names in KNOWN.values() for name in names)
PERSONAL: Mapping[str, str] = {name: field for field, names in _PERSONAL.items() for name in _listed(names)}
# One of these in a name that means no field says as much: `no hp aktif`, `reporter e-mail`.
_ABOUT = frozenset(
    _listed("""
        nik, ktp, npwp, hp, handphone, telepon, telp, ponsel, whatsapp, wa, surel, email, mail, phone, mobile,
        telephone, telefono, celular, movil, correo, ssn, passport, dni, curp, cedula, pelapor, pengadu, pemohon,
        reporter, requester, complainant, solicitante, ciudadano, denunciante
    """)
)
PRIORITIES: Mapping[str, str] = {
    plain_name(word): priority
    for priority, words in (
        ("critical", "critical, kritis, darurat, gawat, emergency, critico, critica, emergencia"),
        ("urgent", "urgent, mendesak, tinggi, high, alta, alto, urgente"),
        ("normal", "normal, biasa, sedang, rendah, medium, low, standard, media, baja, bajo, medio"),
    )
    for word in words.split(",")
}


def fields_named(column: str) -> dict[str, int]:
    """The fields that a column's name may mean, with the rank of the name among those of each field."""
    name = plain_name(column.rpartition(".")[2] if column.startswith("properties.") else column)
    return {field: names[name] for field, names in KNOWN.items() if name in names}


def personal_field(column: str) -> str | None:
    """Of a column about a person: the field that it could be, "" for none; None where it is about nobody.

    ``a.b`` is also about one where ``a`` is.
    """
    name = plain_name(column)
    if name in PERSONAL:
        return PERSONAL[name]
    if name in _ALL_KNOWN:
        return None
    within = any(plain_name(part) in PERSONAL for part in column.split(".")[:-1])
    return "" if within or not _ABOUT.isdisjoint(name.split()) else None
